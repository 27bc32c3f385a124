/** From raw rows to change events, by the short closed list of functions that a manifest may name. */
@NullMarked
package io.yimen.connectors.mapping;

import org.jspecify.annotations.NullMarked;
