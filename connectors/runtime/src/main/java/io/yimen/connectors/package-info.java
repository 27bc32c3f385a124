/** Connectors: what is read from source systems, how, and the runs that do it. */
@NullMarked
package io.yimen.connectors;

import org.jspecify.annotations.NullMarked;
