/** Workbooks (.xlsx) as strangers send them, read row by row; for dropped files and for what people upload. */
@NullMarked
package io.yimen.connectors.sheet;

import org.jspecify.annotations.NullMarked;
