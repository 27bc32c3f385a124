/** The append-only log of changes: history and outbox in one. */
@NullMarked
package io.yimen.pool.change;

import org.jspecify.annotations.NullMarked;
