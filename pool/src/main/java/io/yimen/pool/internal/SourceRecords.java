package io.yimen.pool.internal;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.model.EntityType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
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
            select e.id, e.entity_type, e.status, e.version, e.place_id, e.anchor, e.content_hash, e.records,
                   s.stream_id, s.key, s.link_rule, s.decision = 'POSSIBLE_MATCH', s.fields::text, s.flags::text,
                   s.stated_at
              from (select i.id
                      from unnest(?::bigint[]) i (id)
                    union
                    select k.entity_id
                      from unnest(?::int[], ?::text[]) r (stream_id, key)
                      join pool.source_record k on k.stream_id = r.stream_id and k.key = r.key
                     where not k.deleted) w (id)
              join pool.entity e on e.id = w.id
              left join pool.source_record s on s.entity_id = e.id and not s.deleted
            """;
    private static final String SELECT_KEYS = """
            select key, entity_id from pool.source_record where stream_id = ? and not deleted
            """;
    /** Rows that are to be written, with what is derived of their places. */
    private static final String WRITTEN = """
            select u.stream_id, u.key, u.epoch, u.position, u.deleted, nullif(u.entity_id, 0) entity_id,
                   case when u.deleted then null when u.link_rule is not null then 'MATCH'
                        when u.possible then 'POSSIBLE_MATCH' else 'NO_MATCH' end decision,
                   case when u.deleted then null when u.link_rule = 'steward' then 'MANUAL' else 'AUTO' end origin,
                   u.link_rule, u.fields::jsonb fields, u.flags::jsonb flags, u.hash,
                   u.stated_at::timestamptz stated_at, ?::timestamptz observed_at, ?::bigint run_id
              from (select unnest(?::int[]) as stream_id, unnest(?::text[]) as key, unnest(?::int[]) as epoch,
                           unnest(?::bigint[]) as position, unnest(?::boolean[]) as deleted,
                           unnest(?::bigint[]) as entity_id, unnest(?::text[]) as link_rule,
                           unnest(?::text[]) as fields, unnest(?::text[]) as flags, unnest(?::bytea[]) as hash,
                           unnest(?::boolean[]) as possible, unnest(?::text[]) as stated_at) u""";
    // Nobody else writes meanwhile, and the batch has looked: what was not there is new.
    private static final String INSERT = """
            insert into pool.source_record (stream_id, key, epoch, position, deleted, entity_id, decision, origin,
                                            link_rule, fields, flags, hash, stated_at, observed_at, run_id)
            """ + WRITTEN;
    private static final String UPDATE = """
            update pool.source_record s
               set epoch = w.epoch, position = w.position, deleted = w.deleted, entity_id = w.entity_id,
                   decision = w.decision, origin = w.origin, link_rule = w.link_rule, fields = w.fields,
                   flags = w.flags, hash = w.hash, stated_at = w.stated_at, observed_at = w.observed_at,
                   run_id = w.run_id
              from (%s) w
             where s.stream_id = w.stream_id and s.key = w.key
            """.formatted(WRITTEN);
    private static final String TOUCH = """
            update pool.source_record s
               set epoch = u.epoch, position = u.position, observed_at = ?, run_id = ?
              from (select unnest(?::int[]) as stream_id, unnest(?::text[]) as key, unnest(?::int[]) as epoch,
                           unnest(?::bigint[]) as position) u
             where s.stream_id = u.stream_id and s.key = u.key
            """;
    private static final String RELINK = """
            update pool.source_record s
               set entity_id = u.entity_id, link_rule = u.link_rule,
                   decision = case when u.link_rule is not null then 'MATCH'
                                   when u.possible then 'POSSIBLE_MATCH' else 'NO_MATCH' end,
                   origin = case when u.link_rule = 'steward' then 'MANUAL' else 'AUTO' end
              from (select unnest(?::int[]) as stream_id, unnest(?::text[]) as key, unnest(?::bigint[]) as entity_id,
                           unnest(?::text[]) as link_rule, unnest(?::boolean[]) as possible) u
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
    private static final String SELECT_MEMBERS = """
            select stream_id, key, entity_id from pool.source_record where entity_id = any (?) and not deleted
            """;
    private static final String SELECT_ALL_CLAIMS = """
            select stream_id, key, fields::text, flags::text, stated_at from pool.source_record
             where stream_id = any (?) and not deleted
            """;
    private static final int FETCH = 5000;

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
        tx.ask(
                SELECT_DRAFTS,
                row -> {
                    DeclaredStream stream = tx.streams().get(row.getInt(1));
                    RecordRef ref = new RecordRef(stream.id(), row.getString(2));
                    String fields = row.getString(9);
                    drafts.put(
                            ref,
                            Draft.stored(
                                    stream,
                                    ref,
                                    new Position(row.getInt(3), row.getLong(4)),
                                    row.getBoolean(5),
                                    row.getLong(6),
                                    fields == null ? null : PackedClaim.readFields(fields, stream.type()),
                                    PackedClaim.readFlags(row.getString(10)),
                                    PackedClaim.readStatedAt(row, 8),
                                    row.getBytes(7)));
                },
                streams,
                keys,
                partials);
        for (RecordRef ref : partial.keySet()) {
            drafts.computeIfAbsent(ref, r -> Draft.unseen(tx.streams().get(r.stream()), r));
        }
        return drafts;
    }

    /** A live record as it is stored. */
    record Stored(Claim claim, Placed placed) {}

    /** All live records of the given entities. */
    Map<RecordRef, Stored> ofEntities(Collection<Long> entities) throws SQLException {
        Map<RecordRef, Stored> records = new HashMap<>();
        ofEntities(entities, List.of(), (claim, placed) -> records.put(claim.ref(), new Stored(claim, placed)));
        return records;
    }

    /** Takes in a live record of an entity. */
    interface Visitor {
        void record(Claim claim, Placed placed);
    }

    /**
     * Entities as they are stored, with all live records behind them.
     *
     * @param ids of entities
     * @param kin live records, whose entities are wanted as well
     */
    Map<Long, Entities.Row> ofEntities(Collection<Long> ids, Collection<RecordRef> kin, Visitor visitor)
            throws SQLException {
        Map<Long, Entities.Row> found = new HashMap<>();
        if (ids.isEmpty() && kin.isEmpty()) {
            return found;
        }
        Refs wanted = new Refs(kin);
        tx.ask(
                SELECT_OF_ENTITIES,
                row -> {
                    long entity = row.getLong(1);
                    if (!found.containsKey(entity)) {
                        found.put(entity, Entities.row(row));
                    }
                    String key = row.getString(10);
                    if (key == null) {
                        return;
                    }
                    DeclaredStream stream = tx.streams().get(row.getInt(9));
                    Claim claim = new Claim(
                            new RecordRef(stream.id(), key),
                            stream.trust(),
                            PackedClaim.readFields(row.getString(13), stream.type()),
                            PackedClaim.readFlags(row.getString(14)),
                            PackedClaim.readStatedAt(row, 15));
                    visitor.record(claim, new Placed(entity, row.getString(11), row.getBoolean(12)));
                },
                Sql.ids(ids),
                wanted.streams,
                wanted.keys);
        return found;
    }

    /** What the live ones of the given records say. */
    Map<RecordRef, Claim> claims(Collection<RecordRef> refs) throws SQLException {
        Map<RecordRef, Claim> claims = new HashMap<>();
        Refs wanted = new Refs(refs);
        tx.ask(
                SELECT_CLAIMS,
                row -> {
                    Claim claim = claim(row);
                    claims.put(claim.ref(), claim);
                },
                wanted.streams,
                wanted.keys);
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
        Refs wanted = new Refs(refs);
        tx.ask(
                SELECT_ENTITIES,
                row -> entities.put(
                        new RecordRef(tx.streams().get(row.getInt(1)).id(), row.getString(2)), row.getLong(3)),
                wanted.streams,
                wanted.keys);
        return entities;
    }

    /** The live records of entities. */
    Map<Long, List<RecordRef>> membersOf(Collection<Long> entities) throws SQLException {
        Map<Long, List<RecordRef>> members = new HashMap<>();
        if (!entities.isEmpty()) {
            tx.ask(
                    SELECT_MEMBERS,
                    row -> members.computeIfAbsent(row.getLong(3), e -> new ArrayList<>())
                            .add(new RecordRef(tx.streams().get(row.getInt(1)).id(), row.getString(2))),
                    Sql.ids(entities));
        }
        return members;
    }

    /** Records as columns of a question. */
    private final class Refs {
        private final Sql.Ints streams = new Sql.Ints();
        private final Sql.Texts keys = new Sql.Texts();

        Refs(Collection<RecordRef> refs) {
            for (RecordRef ref : refs) {
                streams.add(tx.streams().number(ref.stream()));
                keys.add(ref.key());
            }
        }
    }

    /** All live records of a stream, with their entities. */
    Map<RecordRef, Long> live(DeclaredStream stream) throws SQLException {
        Map<RecordRef, Long> refs = new HashMap<>();
        tx.ask(
                SELECT_KEYS,
                row -> refs.put(new RecordRef(stream.id(), row.getString(1)), row.getLong(2)),
                Sql.number(stream.number()));
        return refs;
    }

    /** Writes what changed, tombstones included, each with its place. */
    void save(Collection<Draft> drafts, Map<RecordRef, Placed> places) {
        Rows news = new Rows();
        Rows others = new Rows();
        for (Draft draft : drafts) {
            (draft.isStored() ? others : news).add(draft, places.get(draft.ref()));
        }
        news.write(INSERT);
        others.write(UPDATE);
    }

    /** Records as columns of {@link #WRITTEN}. */
    private final class Rows {
        private final Sql.Ints streams = new Sql.Ints();
        private final Sql.Texts keys = new Sql.Texts();
        private final Sql.Ints epochs = new Sql.Ints();
        private final Sql.Longs positions = new Sql.Longs();
        private final Sql.Booleans deleted = new Sql.Booleans();
        private final Sql.Longs entities = new Sql.Longs();
        private final Sql.Texts rules = new Sql.Texts();
        private final Sql.Texts fields = new Sql.Texts();
        private final Sql.Texts flags = new Sql.Texts();
        private final Sql.Bytes hashes = new Sql.Bytes();
        private final Sql.Booleans possible = new Sql.Booleans();
        private final Sql.Texts statedAt = new Sql.Texts();
        private boolean isEmpty = true;

        void add(Draft draft, @Nullable Placed place) {
            isEmpty = false;
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

        void write(String sql) {
            if (!isEmpty) {
                tx.later(
                        sql,
                        Sql.time(tx.timestamp()),
                        Sql.number(tx.run()),
                        streams,
                        keys,
                        epochs,
                        positions,
                        deleted,
                        entities,
                        rules,
                        fields,
                        flags,
                        hashes,
                        possible,
                        statedAt);
            }
        }
    }

    /** Moves on the position of records that were seen again unchanged. */
    void touch(Collection<Draft> drafts) {
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
        tx.later(TOUCH, Sql.time(tx.timestamp()), Sql.number(tx.run()), streams, keys, epochs, positions);
    }

    /** Gives records that said nothing new another place. */
    void relink(Map<RecordRef, Placed> places) {
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
        tx.later(RELINK, streams, keys, entities, rules, possible);
    }
}
