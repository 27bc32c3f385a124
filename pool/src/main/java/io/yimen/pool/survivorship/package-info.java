/** Which claim wins a field, and why. */
@NullMarked
package io.yimen.pool.survivorship;

import org.jspecify.annotations.NullMarked;
