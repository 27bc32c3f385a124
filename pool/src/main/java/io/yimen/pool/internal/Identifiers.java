package io.yimen.pool.internal;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.IdentifierRule;
import io.yimen.pool.seal.Vault;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Table {@code identifier}: what source records are found and linked by. */
final class Identifiers {
    private static final String SELECT_OF_RECORDS = """
            select i.stream_id, i.key, i.name, i.value, i.entity_id
              from unnest(?::int[], ?::text[]) k (stream_id, key)
              join pool.identifier i on i.stream_id = k.stream_id and i.key = k.key
            """;
    private static final String SELECT_HOLDERS = """
            select distinct i.stream_id, i.key
              from unnest(?::text[], ?::text[]) v (name, value)
              join pool.identifier i on i.name = v.name and i.value = v.value
            """;
    private static final String DELETE = """
            delete from pool.identifier i
             using (select unnest(?::text[]) as name, unnest(?::text[]) as value, unnest(?::int[]) as stream_id,
                           unnest(?::text[]) as key) u
             where i.name = u.name and i.value = u.value and i.stream_id = u.stream_id and i.key = u.key
            """;
    private static final String INSERT = """
            insert into pool.identifier (name, value, stream_id, key, entity_id)
            select unnest(?::text[]), unnest(?::text[]), unnest(?::int[]), unnest(?::text[]), unnest(?::bigint[])
            """;
    private static final String MOVE = """
            update pool.identifier i
               set entity_id = u.entity_id
              from (select unnest(?::int[]) as stream_id, unnest(?::text[]) as key, unnest(?::bigint[]) as entity_id) u
             where i.stream_id = u.stream_id and i.key = u.key and i.entity_id is distinct from u.entity_id
            """;

    /** A stored value, the digest where it is sensitive. */
    record Value(String name, String value) {}

    /** Identifiers of a record and the entity it belongs to. */
    record Held(long entity, Set<Value> values) {}

    private final Transaction tx;

    Identifiers(Transaction tx) {
        this.tx = tx;
    }

    /** What a record that says this is identified by. */
    static Set<Value> of(@Nullable String[] values, EntityType type, Vault vault) {
        Set<Value> found = new HashSet<>();
        for (IdentifierRule rule : type.identifiers()) {
            rule.valueOf(values, type, vault).ifPresent(value -> found.add(new Value(rule.name(), value)));
        }
        return found;
    }

    /** Stored identifiers of the given records; one that has none is left out. */
    Map<RecordRef, Held> of(Collection<RecordRef> refs) throws SQLException {
        Map<RecordRef, Held> held = new HashMap<>();
        if (refs.isEmpty()) {
            return held;
        }
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        for (RecordRef ref : refs) {
            streams.add(tx.streams().number(ref.stream()));
            keys.add(ref.key());
        }
        tx.ask(
                SELECT_OF_RECORDS,
                row -> {
                    RecordRef ref =
                            new RecordRef(tx.streams().get(row.getInt(1)).id(), row.getString(2));
                    long entity = row.getLong(5);
                    held.computeIfAbsent(ref, r -> new Held(entity, new HashSet<>()))
                            .values()
                            .add(new Value(row.getString(3), row.getString(4)));
                },
                streams,
                keys);
        return held;
    }

    /** Records that hold one of the given values. */
    Set<RecordRef> holders(Collection<Value> values) throws SQLException {
        Set<RecordRef> holders = new HashSet<>();
        Sql.Texts names = new Sql.Texts();
        Sql.Texts texts = new Sql.Texts();
        for (Value value : values) {
            names.add(value.name());
            texts.add(value.value());
        }
        tx.ask(
                SELECT_HOLDERS,
                row -> holders.add(new RecordRef(tx.streams().get(row.getInt(1)).id(), row.getString(2))),
                names,
                texts);
        return holders;
    }

    /** Writes the difference between what records held and what they hold now. */
    void save(Map<RecordRef, Set<Value>> before, Map<RecordRef, Held> now) {
        Change gone = new Change();
        Change come = new Change();
        before.forEach((ref, values) -> {
            Held held = now.get(ref);
            for (Value value : values) {
                if (held == null || !held.values().contains(value)) {
                    gone.add(ref, value, 0);
                }
            }
        });
        now.forEach((ref, held) -> {
            Set<Value> had = before.getOrDefault(ref, Set.of());
            for (Value value : held.values()) {
                if (!had.contains(value)) {
                    come.add(ref, value, held.entity());
                }
            }
        });
        if (gone.rows > 0) {
            tx.later(DELETE, gone.names, gone.values, gone.streams, gone.keys);
        }
        if (come.rows > 0) {
            tx.later(INSERT, come.names, come.values, come.streams, come.keys, come.entities);
        }
    }

    /** Follows records that moved to another entity. */
    void move(Map<RecordRef, Long> entities) {
        if (entities.isEmpty()) {
            return;
        }
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        Sql.Longs ids = new Sql.Longs();
        entities.forEach((ref, id) -> {
            streams.add(tx.streams().number(ref.stream()));
            keys.add(ref.key());
            ids.add(id);
        });
        tx.later(MOVE, streams, keys, ids);
    }

    private final class Change {
        private final Sql.Texts names = new Sql.Texts();
        private final Sql.Texts values = new Sql.Texts();
        private final Sql.Ints streams = new Sql.Ints();
        private final Sql.Texts keys = new Sql.Texts();
        private final Sql.Longs entities = new Sql.Longs();
        private int rows;

        void add(RecordRef ref, Value value, long entity) {
            names.add(value.name());
            values.add(value.value());
            streams.add(tx.streams().number(ref.stream()));
            keys.add(ref.key());
            entities.add(entity);
            rows++;
        }
    }
}
