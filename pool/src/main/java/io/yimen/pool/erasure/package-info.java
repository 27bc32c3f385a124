/** The rights of the person of whom the pool speaks: to see all that is held, and to have it erased for good. */
@NullMarked
package io.yimen.pool.erasure;

import org.jspecify.annotations.NullMarked;
