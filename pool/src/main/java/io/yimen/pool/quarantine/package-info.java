/** Replaying and discarding what waits in quarantine. */
@NullMarked
package io.yimen.pool.quarantine;

import org.jspecify.annotations.NullMarked;
