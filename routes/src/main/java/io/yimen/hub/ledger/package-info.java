/** Ledgers, history, lineage and the change feed over HTTP. */
@NullMarked
package io.yimen.hub.ledger;

import org.jspecify.annotations.NullMarked;
