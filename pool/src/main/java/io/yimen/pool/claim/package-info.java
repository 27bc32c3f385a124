/** What sources say: change events, batches, positions, offsets, and the packed claims they become. */
@NullMarked
package io.yimen.pool.claim;

import org.jspecify.annotations.NullMarked;
