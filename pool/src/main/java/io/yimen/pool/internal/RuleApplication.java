package io.yimen.pool.internal;

import io.yimen.pool.identity.match.Learned;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.steward.RuleBook;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Puts rules in force within a transaction that holds the pool's lock. */
public final class RuleApplication {
    private final PoolModel model;
    private final RuleStore store;
    private final Instant now;

    public RuleApplication(Connection db, PoolModel model, Instant now) {
        this.model = model;
        this.store = new RuleStore(db);
        this.now = now;
    }

    /** Puts in force what comes with the pool, for types that have none; returns those types. */
    public List<EntityType> bundle() throws SQLException {
        Set<String> have = store.active(RuleBook.Kind.MATCH).stream()
                .map(RuleStore.Active::entityType)
                .collect(Collectors.toSet());
        List<EntityType> added = new ArrayList<>();
        for (Map.Entry<String, Learned> e : RuleStore.bundled(model).entrySet()) {
            if (have.contains(e.getKey())) {
                continue;
            }
            EntityType type = model.getType(e.getKey());
            store.put(
                    new RuleStore.Put(
                            RuleBook.Kind.MATCH,
                            type.name(),
                            RuleStore.document(type).orElseThrow(),
                            e.getValue().weights().toJson(),
                            "bundled",
                            RuleStore.BUNDLED_ACTOR,
                            "Came with the pool"),
                    now.atOffset(ZoneOffset.UTC));
            added.add(type);
        }
        return added;
    }
}
