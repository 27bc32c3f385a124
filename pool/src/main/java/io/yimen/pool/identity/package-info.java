/** Which source records are the same person, place or organisation. */
@NullMarked
package io.yimen.pool.identity;

import org.jspecify.annotations.NullMarked;
