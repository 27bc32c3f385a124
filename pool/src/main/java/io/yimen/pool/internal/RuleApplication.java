package io.yimen.pool.internal;

import io.yimen.pool.identity.match.Learned;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.steward.RuleBook;
import io.yimen.pool.survivorship.SurvivorshipRules;
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
    /** Who put in force what came with the pool. */
    private static final String BUNDLED = "yimen";

    private static final String CAME = "Came with the pool";

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
        Set<String> have = having(RuleBook.Kind.MATCH);
        Set<String> decided = having(RuleBook.Kind.SURVIVORSHIP);
        List<EntityType> added = new ArrayList<>();
        for (EntityType type : model.types()) {
            if (!decided.contains(type.name())) {
                String document = SurvivorshipRules.bundled(model, type).document();
                put(new RuleStore.Put(RuleBook.Kind.SURVIVORSHIP, type.name(), document, null, "", BUNDLED, CAME));
                added.add(type);
            }
        }
        for (Map.Entry<String, Learned> e : RuleStore.bundled(model).entrySet()) {
            if (have.contains(e.getKey())) {
                continue;
            }
            EntityType type = model.getType(e.getKey());
            put(new RuleStore.Put(
                    RuleBook.Kind.MATCH,
                    type.name(),
                    RuleStore.document(type).orElseThrow(),
                    e.getValue().weights().toJson(),
                    "bundled",
                    BUNDLED,
                    CAME));
            if (!added.contains(type)) {
                added.add(type);
            }
        }
        return added;
    }

    private Set<String> having(RuleBook.Kind kind) throws SQLException {
        return store.active(kind).stream().map(RuleStore.Active::entityType).collect(Collectors.toSet());
    }

    /** Puts a document in force; returns its version. */
    int put(RuleStore.Put put) throws SQLException {
        return store.put(put, now.atOffset(ZoneOffset.UTC));
    }
}
