/** Who looked at what, and why: append only, never a value. */
@NullMarked
package io.yimen.pool.audit;

import org.jspecify.annotations.NullMarked;
