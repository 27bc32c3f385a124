package io.yimen.pool.erasure;

import io.yimen.pool.PoolException;
import io.yimen.pool.internal.DossierReading;
import io.yimen.pool.ledger.Ledgers;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.EntityType;
import java.time.Clock;
import java.util.Map;

/** Puts together all that is held on somebody. Thread-safe. */
public final class Dossiers {
    private final ScopedReads reads;
    private final ErasureRules rules;
    private final Clock clock;

    public Dossiers(ScopedReads reads, ErasureRules rules, Clock clock) {
        this.reads = reads;
        this.rules = rules;
        this.clock = clock;
    }

    /**
     * All that is held, in clear. The audit line, with the purpose, is on disk before anything is returned. An id that was
     * merged answers with what it leads to.
     *
     * @throws PoolException {@code INVALID} without a purpose, or for a type that is not about one person; {@code
     *     NOT_FOUND} if there is no such record that may be seen, with code {@code ERASED} if it was erased
     */
    public Dossier open(Scope scope, String entityType, long id, String purpose) {
        EntityType type = reads.model().getType(entityType);
        String stated = Ledgers.checkPurpose(purpose);
        if (!rules.types().contains(type.name())) {
            throw new PoolException(PoolException.Kind.INVALID, type + " is not about one person");
        }
        // No reader may select what is sealed or who looked: the scope is checked by hand.
        var access = new ScopedReads.Access("DOSSIER", type + "/" + id, Map.of("purpose", stated), true, true, true);
        return reads.read(
                scope,
                access,
                db -> new DossierReading(db, reads.model(), reads.vault(), clock.instant())
                        .of(scope, type, id, stated));
    }
}
