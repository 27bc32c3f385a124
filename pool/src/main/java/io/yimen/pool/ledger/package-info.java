/** Reading the pool: ledgers, history, lineage, as-of, always within a {@link io.yimen.pool.ledger.Scope}. */
@NullMarked
package io.yimen.pool.ledger;

import org.jspecify.annotations.NullMarked;
