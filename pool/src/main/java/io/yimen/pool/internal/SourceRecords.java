package io.yimen.pool.internal;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.model.EntityType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Table {@code source_record}: the latest claim of every source record, with the link to its entity. */
final class SourceRecords {
    private static final String SELECT_DRAFTS = """
            select s.stream_id, s.key, s.epoch, s.position, s.deleted, coalesce(s.entity_id, 0), s.hash, s.stated_at,
                   case when k.partial then s.fields::text end, case when k.partial then s.flags::text end
              from unnest(?::int[], ?::text[], ?::boolean[]) k (stream_id, key, partial)
              join pool.source_record s on s.stream_id = k.stream_id and s.key = k.key
            """;
    private static final String SELECT_OF_ENTITIES = """
            select s.stream_id, s.key, s.entity_id, s.link_rule, s.decision = 'POSSIBLE_MATCH', s.fields::text,
                   s.flags::text, s.stated_at
              from unnest(?::bigint[]) e (id)
              join pool.source_record s on s.entity_id = e.id
             where not s.deleted
            """;
    private static final String SELECT_KEYS = """
            select key, entity_id from pool.source_record where stream_id = ? and not deleted
            """;
    private static final String UPSERT = """
            insert into pool.source_record as s (stream_id, key, epoch, position, deleted, entity_id, decision, origin,
                                                 link_rule, fields, flags, hash, stated_at, observed_at, run_id)
            select u.stream_id, u.key, u.epoch, u.position, u.deleted, nullif(u.entity_id, 0),
                   case when u.deleted then null when u.link_rule is not null then 'MATCH'
                        when u.possible then 'POSSIBLE_MATCH' else 'NO_MATCH' end,
                   case when u.deleted then null when u.link_rule = 'steward' then 'MANUAL' else 'AUTO' end,
                   u.link_rule, u.fields::jsonb, u.flags::jsonb, u.hash, u.stated_at::timestamptz, ?, ?
              from unnest(?::int[], ?::text[], ?::int[], ?::bigint[], ?::boolean[], ?::bigint[], ?::text[], ?::text[],
                          ?::text[], ?::bytea[], ?::boolean[], ?::text[])
                   u (stream_id, key, epoch, position, deleted, entity_id, link_rule, fields, flags, hash, possible,
                      stated_at)
            on conflict (stream_id, key) do update
              set epoch = excluded.epoch, position = excluded.position, deleted = excluded.deleted,
                  entity_id = excluded.entity_id, decision = excluded.decision, origin = excluded.origin,
                  link_rule = excluded.link_rule, fields = excluded.fields, flags = excluded.flags,
                  hash = excluded.hash, stated_at = excluded.stated_at, observed_at = excluded.observed_at, run_id = excluded.run_id
            """;
    private static final String TOUCH = """
            update pool.source_record s
               set epoch = u.epoch, position = u.position, observed_at = ?, run_id = ?
              from unnest(?::int[], ?::text[], ?::int[], ?::bigint[]) u (stream_id, key, epoch, position)
             where s.stream_id = u.stream_id and s.key = u.key
            """;
    private static final String RELINK = """
            update pool.source_record s
               set entity_id = u.entity_id, link_rule = u.link_rule,
                   decision = case when u.link_rule is not null then 'MATCH'
                                   when u.possible then 'POSSIBLE_MATCH' else 'NO_MATCH' end,
                   origin = case when u.link_rule = 'steward' then 'MANUAL' else 'AUTO' end
              from unnest(?::int[], ?::text[], ?::bigint[], ?::text[], ?::boolean[])
                   u (stream_id, key, entity_id, link_rule, possible)
             where s.stream_id = u.stream_id and s.key = u.key
            """;

    private static final String SELECT_CLAIMS = """
            select s.stream_id, s.key, s.fields::text, s.flags::text, s.stated_at
              from unnest(?::int[], ?::text[]) k (stream_id, key)
              join pool.source_record s on s.stream_id = k.stream_id and s.key = k.key
             where not s.deleted
            """;
    private static final String SELECT_ENTITIES = """
            select s.stream_id, s.key, s.entity_id
              from unnest(?::int[], ?::text[]) k (stream_id, key)
              join pool.source_record s on s.stream_id = k.stream_id and s.key = k.key
             where not s.deleted
            """;
    private static final String SELECT_ALL_CLAIMS = """
            select stream_id, key, fields::text, flags::text, stated_at from pool.source_record
             where stream_id = any (?) and not deleted
            """;
    private static final int FETCH = 5000;

    /** A live record as it is stored. */
    record Stored(Claim claim, Placed placed) {}

    /**
     * A record's place after clustering.
     *
     * @param rule what holds it there; {@code null} where it stands alone
     * @param possible whether it might belong to another entity
     */
    record Placed(long entity, @Nullable String rule, boolean possible) {}

    private final Transaction tx;

    SourceRecords(Transaction tx) {
        this.tx = tx;
    }

    /** What is stored of the records that a batch speaks of, the unseen ones included. */
    Map<RecordRef, Draft> drafts(Map<RecordRef, Boolean> partial) throws SQLException {
        Map<RecordRef, Draft> drafts = new HashMap<>(partial.size() * 2);
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        Sql.Booleans partials = new Sql.Booleans();
        partial.forEach((ref, is) -> {
            streams.add(tx.streams().number(ref.stream()));
            keys.add(ref.key());
            partials.add(is);
        });
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_DRAFTS)) {
            streams.set(select, 1);
            keys.set(select, 2);
            partials.set(select, 3);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    DeclaredStream stream = tx.streams().get(rows.getInt(1));
                    RecordRef ref = new RecordRef(stream.id(), rows.getString(2));
                    String fields = rows.getString(9);
                    drafts.put(
                            ref,
                            Draft.stored(
                                    stream,
                                    ref,
                                    new Position(rows.getInt(3), rows.getLong(4)),
                                    rows.getBoolean(5),
                                    rows.getLong(6),
                                    fields == null ? null : PackedClaim.readFields(fields, stream.type()),
                                    PackedClaim.readFlags(rows.getString(10)),
                                    PackedClaim.readStatedAt(rows, 8),
                                    rows.getBytes(7)));
                }
            }
        }
        for (RecordRef ref : partial.keySet()) {
            drafts.computeIfAbsent(ref, r -> Draft.unseen(tx.streams().get(r.stream()), r));
        }
        return drafts;
    }

    /** All live records of the given entities. */
    Map<RecordRef, Stored> ofEntities(Collection<Long> entities) throws SQLException {
        Map<RecordRef, Stored> records = new HashMap<>();
        if (entities.isEmpty()) {
            return records;
        }
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_OF_ENTITIES)) {
            Sql.set(select, 1, entities);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    DeclaredStream stream = tx.streams().get(rows.getInt(1));
                    RecordRef ref = new RecordRef(stream.id(), rows.getString(2));
                    Claim claim = new Claim(
                            ref,
                            stream.trust(),
                            PackedClaim.readFields(rows.getString(6), stream.type()),
                            PackedClaim.readFlags(rows.getString(7)),
                            PackedClaim.readStatedAt(rows, 8));
                    records.put(
                            ref, new Stored(claim, new Placed(rows.getLong(3), rows.getString(4), rows.getBoolean(5))));
                }
            }
        }
        return records;
    }

    /** What the live ones of the given records say. */
    Map<RecordRef, Claim> claims(Collection<RecordRef> refs) throws SQLException {
        Map<RecordRef, Claim> claims = new HashMap<>();
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_CLAIMS)) {
            bind(select, refs);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    Claim claim = claim(rows);
                    claims.put(claim.ref(), claim);
                }
            }
        }
        return claims;
    }

    /** Goes through what all live records of a type say, without holding them all at once. */
    void forEachClaim(EntityType type, Consumer<Claim> visitor) throws SQLException {
        Integer[] streams = tx.streams().all().values().stream()
                .filter(s -> s.type().equals(type))
                .map(DeclaredStream::number)
                .toArray(Integer[]::new);
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_ALL_CLAIMS)) {
            select.setFetchSize(FETCH);
            select.setObject(1, streams, Types.ARRAY);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    visitor.accept(claim(rows));
                }
            }
        }
    }

    private Claim claim(ResultSet rows) throws SQLException {
        DeclaredStream stream = tx.streams().get(rows.getInt(1));
        return new Claim(
                new RecordRef(stream.id(), rows.getString(2)),
                stream.trust(),
                PackedClaim.readFields(rows.getString(3), stream.type()),
                PackedClaim.readFlags(rows.getString(4)),
                PackedClaim.readStatedAt(rows, 5));
    }

    /** The entities of the live ones of the given records. */
    Map<RecordRef, Long> entitiesOf(Collection<RecordRef> refs) throws SQLException {
        Map<RecordRef, Long> entities = new HashMap<>();
        if (refs.isEmpty()) {
            return entities;
        }
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_ENTITIES)) {
            bind(select, refs);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    entities.put(
                            new RecordRef(tx.streams().get(rows.getInt(1)).id(), rows.getString(2)), rows.getLong(3));
                }
            }
        }
        return entities;
    }

    private void bind(PreparedStatement select, Collection<RecordRef> refs) throws SQLException {
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        for (RecordRef ref : refs) {
            streams.add(tx.streams().number(ref.stream()));
            keys.add(ref.key());
        }
        streams.set(select, 1);
        keys.set(select, 2);
    }

    /** All live records of a stream, with their entities. */
    Map<RecordRef, Long> live(DeclaredStream stream) throws SQLException {
        Map<RecordRef, Long> refs = new HashMap<>();
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_KEYS)) {
            select.setInt(1, stream.number());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    refs.put(new RecordRef(stream.id(), rows.getString(1)), rows.getLong(2));
                }
            }
        }
        return refs;
    }

    /** Writes what changed, tombstones included, each with its place. */
    void save(Collection<Draft> drafts, Map<RecordRef, Placed> places) throws SQLException {
        if (drafts.isEmpty()) {
            return;
        }
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        Sql.Ints epochs = new Sql.Ints();
        Sql.Longs positions = new Sql.Longs();
        Sql.Booleans deleted = new Sql.Booleans();
        Sql.Longs entities = new Sql.Longs();
        Sql.Texts rules = new Sql.Texts();
        Sql.Texts fields = new Sql.Texts();
        Sql.Texts flags = new Sql.Texts();
        Sql.Bytes hashes = new Sql.Bytes();
        Sql.Booleans possible = new Sql.Booleans();
        Sql.Texts statedAt = new Sql.Texts();
        for (Draft draft : drafts) {
            Placed place = places.get(draft.ref());
            streams.add(draft.stream().number());
            keys.add(draft.ref().key());
            epochs.add(draft.position().epoch());
            positions.add(draft.position().offset());
            deleted.add(!draft.isLive());
            entities.add(place == null ? draft.storedEntity() : place.entity());
            rules.add(place == null ? null : place.rule());
            fields.add(PackedClaim.fields(draft.values(), draft.stream().type()));
            flags.add(PackedClaim.flags(draft.flags()));
            hashes.add(draft.hash());
            possible.add(place != null && place.possible());
            statedAt.add(draft.statedAt() == null ? null : draft.statedAt().toString());
        }
        try (PreparedStatement upsert = tx.db().prepareStatement(UPSERT)) {
            upsert.setObject(1, tx.timestamp());
            upsert.setLong(2, tx.run());
            streams.set(upsert, 3);
            keys.set(upsert, 4);
            epochs.set(upsert, 5);
            positions.set(upsert, 6);
            deleted.set(upsert, 7);
            entities.set(upsert, 8);
            rules.set(upsert, 9);
            fields.set(upsert, 10);
            flags.set(upsert, 11);
            hashes.set(upsert, 12);
            possible.set(upsert, 13);
            statedAt.set(upsert, 14);
            upsert.executeUpdate();
        }
    }

    /** Moves on the position of records that were seen again unchanged. */
    void touch(Collection<Draft> drafts) throws SQLException {
        if (drafts.isEmpty()) {
            return;
        }
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        Sql.Ints epochs = new Sql.Ints();
        Sql.Longs positions = new Sql.Longs();
        for (Draft draft : drafts) {
            streams.add(draft.stream().number());
            keys.add(draft.ref().key());
            epochs.add(draft.position().epoch());
            positions.add(draft.position().offset());
        }
        try (PreparedStatement update = tx.db().prepareStatement(TOUCH)) {
            update.setObject(1, tx.timestamp());
            update.setLong(2, tx.run());
            streams.set(update, 3);
            keys.set(update, 4);
            epochs.set(update, 5);
            positions.set(update, 6);
            update.executeUpdate();
        }
    }

    /** Gives records that said nothing new another place. */
    void relink(Map<RecordRef, Placed> places) throws SQLException {
        if (places.isEmpty()) {
            return;
        }
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        Sql.Longs entities = new Sql.Longs();
        Sql.Texts rules = new Sql.Texts();
        Sql.Booleans possible = new Sql.Booleans();
        places.forEach((ref, place) -> {
            streams.add(tx.streams().number(ref.stream()));
            keys.add(ref.key());
            entities.add(place.entity());
            rules.add(place.rule());
            possible.add(place.possible());
        });
        try (PreparedStatement update = tx.db().prepareStatement(RELINK)) {
            streams.set(update, 1);
            keys.set(update, 2);
            entities.set(update, 3);
            rules.set(update, 4);
            possible.set(update, 5);
            update.executeUpdate();
        }
    }
}
