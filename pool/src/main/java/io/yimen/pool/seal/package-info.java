/** Sealing of sensitive values and the keyed digests by which they are found. */
@NullMarked
package io.yimen.pool.seal;

import org.jspecify.annotations.NullMarked;
