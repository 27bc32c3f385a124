/** The forms in which sources write rows: CSV, JSON, XML, workbooks, DBF; each file is taken to come from a stranger. */
@NullMarked
package io.yimen.connectors.rows;

import org.jspecify.annotations.NullMarked;
