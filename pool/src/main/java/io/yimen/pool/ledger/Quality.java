package io.yimen.pool.ledger;

import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.FieldKind;
import io.yimen.pool.model.IdentifierRule;
import io.yimen.pool.model.Normalization;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How good the pool is, counted from what is there now: one pass over the records of a ledger, one over what the sources
 * say of them. Thread-safe.
 */
public final class Quality {
    /** Levels of places; whoever lies below itself is followed no further. */
    private static final int DEEPEST = 10;

    private final ScopedReads reads;
    private final Clock clock;

    public Quality(ScopedReads reads, Clock clock) {
        this.reads = reads;
        this.clock = clock;
    }

    /** Counts of one place, itself and nothing below it. */
    private static final class Counts {
        private long records;
        private long filled;
        private QualityReport.Said said = QualityReport.Said.NOTHING;

        void add(Counts other) {
            records += other.records;
            filled += other.filled;
            said = said.and(other.said.said(), other.said.differing(), other.said.corrected());
        }
    }

    /** A stream while it is counted. */
    private record Stream(String source, String title, String name, long[] records, QualityReport.Said[] said) {
        @Override
        public String toString() {
            return source + "/" + name;
        }
    }

    /** What is counted; fields by their index. */
    private record Counted(long[] filled, Map<Integer, Stream> streams, Map<Long, Counts> places) {
        Counts of(long place) {
            return places.computeIfAbsent(place, p -> new Counts());
        }
    }

    /**
     * The quality of a ledger within the scope.
     *
     * @param place only of this place and below; {@code null}: all of the scope
     */
    public QualityReport of(Scope scope, String entityType, @Nullable Long place) {
        EntityType type = reads.model().getType(entityType);
        var access =
                reads.reading("QUALITY", type.name(), place == null ? Map.of() : Map.of("place", place), List.of(type));
        return reads.read(scope, access, connection -> {
            Reference at = place == null ? null : place(connection, place);
            Counted counted = new Counted(new long[type.fields().size()], streams(connection, type), new HashMap<>());
            long records = countRecords(connection, scope, type, place, counted);
            countSaid(connection, scope, type, place, counted);
            countOtherNames(connection, scope, type, place, counted);
            countCorrected(connection, scope, type, place, counted);
            Map<String, Long> filled = new LinkedHashMap<>();
            for (int i = 0; i < type.fields().size(); i++) {
                filled.put(type.fields().get(i).name(), counted.filled[i]);
            }
            return new QualityReport(
                    type.name(),
                    at,
                    clock.instant(),
                    records,
                    filled,
                    ofStreams(connection, scope, type, place, counted),
                    ofPlaces(connection, scope, type, place, counted));
        });
    }

    private static Reference place(Connection connection, long place) throws SQLException {
        return references(
                        connection,
                        new Sql()
                                .add(
                                        "select id, entity_type, title from pool.entity"
                                                + " where id = ? and entity_type = 'Place' and status = 'ACTIVE'",
                                        place))
                .stream()
                .findFirst()
                .orElseThrow(() -> ScopedReads.notFound("place"));
    }

    private static List<Reference> references(Connection connection, Sql sql) throws SQLException {
        List<Reference> found = new ArrayList<>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                found.add(new Reference(row.getLong(1), row.getString(2), row.getString(3)));
            }
        }
        return found;
    }

    private static Map<Integer, Stream> streams(Connection connection, EntityType type) throws SQLException {
        Map<Integer, Stream> streams = new TreeMap<>();
        var sql = new Sql().add("""
                select m.id, m.source, o.title, m.stream
                  from pool.stream m join pool.source o on o.id = m.source
                 where m.entity_type = ?""", type.name());
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                QualityReport.Said[] said = new QualityReport.Said[type.fields().size()];
                Arrays.fill(said, QualityReport.Said.NOTHING);
                streams.put(
                        row.getInt(1),
                        new Stream(row.getString(2), row.getString(3), row.getString(4), new long[1], said));
            }
        }
        return streams;
    }

    private static long countRecords(
            Connection connection, Scope scope, EntityType type, @Nullable Long place, Counted counted)
            throws SQLException {
        var sql = new Sql().add("select coalesce(e.place_id, 0), count(*)");
        for (Field field : type.fields()) {
            sql.add(", count(nullif(e.fields ->> ?, ''))", field.name());
        }
        sql.add("from pool.entity e where e.entity_type = ? and e.status = 'ACTIVE'", type.name());
        ScopedReads.limitToPlaces(sql, "e.place_id", scope, place, type);
        sql.add("group by 1");
        long records = 0;
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                Counts counts = counted.of(row.getLong(1));
                counts.records += row.getLong(2);
                records += row.getLong(2);
                for (int i = 0; i < counted.filled.length; i++) {
                    counts.filled += row.getLong(3 + i);
                    counted.filled[i] += row.getLong(3 + i);
                }
            }
        }
        return records;
    }

    /** References are said in other words than they are published in: what they say is counted, not compared. */
    private static void countSaid(
            Connection connection, Scope scope, EntityType type, @Nullable Long place, Counted counted)
            throws SQLException {
        var sql = new Sql().add("select coalesce(e.place_id, 0), s.stream_id, count(*)");
        for (Field field : type.fields()) {
            sql.add(", count(nullif(s.fields ->> ?, ''))", field.name());
            if (field.isReference() || nameForm(type, field).isPresent()) {
                sql.add(", 0");
            } else {
                sql.add(
                        ", count(*) filter (where nullif(s.fields ->> ?, '') <> coalesce(e.fields ->> ?, ''))",
                        field.name(),
                        field.name());
            }
        }
        from(sql, scope, type, place).add("group by 1, 2");
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                Stream stream = counted.streams.get(row.getInt(2));
                if (stream == null) {
                    continue;
                }
                Counts counts = counted.of(row.getLong(1));
                stream.records[0] += row.getLong(3);
                for (int i = 0; i < stream.said.length; i++) {
                    long said = row.getLong(4 + 2 * i);
                    long differing = row.getLong(5 + 2 * i);
                    stream.said[i] = stream.said[i].and(said, differing, 0);
                    counts.said = counts.said.and(said, differing, 0);
                }
            }
        }
    }

    /** Names that differ in what identity does not look at, as 社区 and 社区居委会, say the same. */
    private static void countOtherNames(
            Connection connection, Scope scope, EntityType type, @Nullable Long place, Counted counted)
            throws SQLException {
        for (int i = 0; i < type.fields().size(); i++) {
            Field field = type.fields().get(i);
            Optional<Normalization> form = nameForm(type, field);
            if (form.isEmpty()) {
                continue;
            }
            var sql = new Sql().add("""
                            select coalesce(e.place_id, 0), s.stream_id, s.fields ->> ?, coalesce(e.fields ->> ?, ''),
                                   count(*)""", field.name(), field.name());
            from(sql, scope, type, place)
                    .add(
                            "and nullif(s.fields ->> ?, '') <> coalesce(e.fields ->> ?, '') group by 1, 2, 3, 4",
                            field.name(),
                            field.name());
            try (var select = sql.on(connection);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    Stream stream = counted.streams.get(row.getInt(2));
                    String said = form.get().apply(row.getString(3));
                    if (stream == null || said.equals(form.get().apply(row.getString(4)))) {
                        continue;
                    }
                    Counts counts = counted.of(row.getLong(1));
                    stream.said[i] = stream.said[i].and(0, row.getLong(5), 0);
                    counts.said = counts.said.and(0, row.getLong(5), 0);
                }
            }
        }
    }

    /** How identity reads a field of names; empty for all others. */
    private static Optional<Normalization> nameForm(EntityType type, Field field) {
        return field.isSensitive() || field.kind() != FieldKind.NAME
                ? Optional.empty()
                : type.identifiers().stream()
                        .flatMap(rule -> rule.parts().stream())
                        .filter(part -> type.fields().get(part.field()).equals(field)
                                && part.how().isName())
                        .map(IdentifierRule.Part::how)
                        .findFirst();
    }

    private static Sql from(Sql sql, Scope scope, EntityType type, @Nullable Long place) {
        sql.add(
                "from pool.entity e join pool.source_record s on s.entity_id = e.id and not s.deleted"
                        + " where e.entity_type = ? and e.status = 'ACTIVE'",
                type.name());
        ScopedReads.limitToPlaces(sql, "e.place_id", scope, place, type);
        return sql;
    }

    /** Every source record that an accepted correction found wrong got a ticket. */
    private static void countCorrected(
            Connection connection, Scope scope, EntityType type, @Nullable Long place, Counted counted)
            throws SQLException {
        var sql = new Sql().add("""
                        select coalesce(e.place_id, 0), t.stream_id, c.field, count(distinct t.key)
                          from pool.ticket t
                          join pool.correction c on c.id = t.correction_id
                          join pool.source_record s on s.stream_id = t.stream_id and s.key = t.key
                          join pool.entity e on e.id = s.entity_id
                         where c.entity_type = ? and coalesce(c.ended, '') not in ('WITHDRAWN', 'SOURCE_KEPT')""", type.name());
        ScopedReads.limitToPlaces(sql, "e.place_id", scope, place, type);
        sql.add("group by 1, 2, 3");
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                Stream stream = counted.streams.get(row.getInt(2));
                int field = type.findIndex(row.getString(3)).orElse(-1);
                if (stream != null && field >= 0) {
                    Counts counts = counted.of(row.getLong(1));
                    stream.said[field] = stream.said[field].and(0, 0, row.getLong(4));
                    counts.said = counts.said.and(0, 0, row.getLong(4));
                }
            }
        }
    }

    private static List<QualityReport.OfStream> ofStreams(
            Connection connection, Scope scope, EntityType type, @Nullable Long place, Counted counted)
            throws SQLException {
        var sql = new Sql().add("""
                select s.stream_id, max(s.observed_at),
                       percentile_disc(0.5) within group (order by coalesce(s.stated_at, s.observed_at)),
                       min(coalesce(s.stated_at, s.observed_at))""");
        from(sql, scope, type, place).add("group by 1");
        List<QualityReport.OfStream> found = new ArrayList<>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                Stream stream = counted.streams.get(row.getInt(1));
                if (stream == null) {
                    continue;
                }
                Map<String, QualityReport.Said> fields = new LinkedHashMap<>();
                for (int i = 0; i < stream.said.length; i++) {
                    if (stream.said[i].said() > 0 || stream.said[i].corrected() > 0) {
                        fields.put(type.fields().get(i).name(), stream.said[i]);
                    }
                }
                found.add(new QualityReport.OfStream(
                        stream.source,
                        stream.title,
                        stream.name,
                        stream.records[0],
                        at(row, 2),
                        at(row, 3),
                        at(row, 4),
                        fields));
            }
        }
        found.sort(Comparator.comparing(QualityReport.OfStream::source).thenComparing(QualityReport.OfStream::stream));
        return found;
    }

    private static Instant at(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private List<QualityReport.OfPlace> ofPlaces(
            Connection connection, Scope scope, EntityType type, @Nullable Long place, Counted counted)
            throws SQLException {
        List<Reference> below = below(connection, scope, place);
        Map<Long, Counts> sums = new LinkedHashMap<>();
        below.forEach(b -> sums.put(b.id(), new Counts()));
        var sql = new Sql()
                .add("select p.ancestor, p.place from pool.place_scope p where p.ancestor = any (?)", sums.keySet());
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                Counts sum = sums.get(row.getLong(1));
                Counts counts = counted.places.get(row.getLong(2));
                if (sum != null && counts != null) {
                    sum.add(counts);
                }
            }
        }
        List<QualityReport.OfPlace> found = new ArrayList<>();
        for (Reference one : below) {
            Counts sum = sums.getOrDefault(one.id(), new Counts());
            if (sum.records > 0) {
                double cells = (double) sum.records * type.fields().size();
                found.add(new QualityReport.OfPlace(one, sum.records, sum.filled / cells, sum.said));
            }
        }
        return found;
    }

    /** The places that a chart compares: those right below the one that is looked at, further down where that is one. */
    private List<Reference> below(Connection connection, Scope scope, @Nullable Long place) throws SQLException {
        List<Reference> found = place == null ? tops(connection, scope) : children(connection, place);
        for (int depth = 0; found.size() == 1 && depth < DEEPEST; depth++) {
            found = children(connection, found.get(0).id());
        }
        return found;
    }

    private List<Reference> tops(Connection connection, Scope scope) throws SQLException {
        return references(
                connection,
                scope.everything()
                        ? new Sql()
                                .add(
                                        "select e.id, e.entity_type, e.title from pool.entity e"
                                                + " where e.entity_type = 'Place' and e.status = 'ACTIVE' and not exists"
                                                + " (select from pool.reference r where r.entity_id = e.id"
                                                + " and r.field = ? and r.to_entity is not null) order by e.title limit 100",
                                        upward())
                        : new Sql()
                                .add(
                                        "select id, entity_type, title from pool.entity where id = any (?)"
                                                + " and status = 'ACTIVE' order by title",
                                        scope.roots()));
    }

    private List<Reference> children(Connection connection, long parent) throws SQLException {
        return references(
                connection,
                new Sql()
                        .add(
                                "select e.id, e.entity_type, e.title from pool.reference r"
                                        + " join pool.entity e on e.id = r.entity_id and e.status = 'ACTIVE'"
                                        + " where r.to_entity = ? and r.field = ? and e.entity_type = 'Place'"
                                        + " order by e.title, e.id",
                                parent,
                                upward()));
    }

    /** The field by which a place lies in another. */
    private String upward() {
        EntityType places = reads.model().getType("Place");
        return places.fields().get(places.placeField().orElseThrow()).name();
    }
}
