package io.yimen.pool.ledger;

import io.yimen.pool.PoolException;
import io.yimen.pool.run.Counts;
import io.yimen.pool.run.RunStatus;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Sources and their runs. Nothing here is about anybody or of one place, so that it is the same for every scope; who
 * may ask is the caller's to decide. Thread-safe.
 */
public final class Runs {
    private final ScopedReads reads;
    private final Cursors cursors;

    public Runs(ScopedReads reads) {
        this.reads = reads;
        this.cursors = new Cursors(reads.vault());
    }

    /**
     * Runs, newest first.
     *
     * @param source only of this source, or {@code null}
     * @param cursor of the page before, or {@code null}
     */
    public RunPage list(String actor, @Nullable String source, @Nullable String cursor, int limit) {
        ScopedReads.checkLimit(limit, RecordQuery.MAX_LIMIT);
        String question = Cursors.question("runs", source);
        long before = cursor == null
                ? Long.MAX_VALUE
                : Long.parseLong(cursors.read(cursor, question, 1).get(0));
        return read(actor, connection -> {
            var sql = new Sql().add(RUN).add("where r.id < ?", before);
            if (source != null) {
                sql.add("and r.source = ?", ScopedReads.checkText("The source", source, 80));
            }
            List<Run> runs = runs(connection, sql.add("order by r.id desc limit ?", limit + 1));
            List<Run> page = ScopedReads.firstOf(runs, limit);
            String next = runs.size() > limit
                    ? cursors.write(
                            question, String.valueOf(page.get(page.size() - 1).id()))
                    : null;
            return new RunPage(page, next);
        });
    }

    /** @throws PoolException {@code NOT_FOUND} */
    public Run get(String actor, long id) {
        return read(
                actor,
                connection -> runs(connection, new Sql().add(RUN).add("where r.id = ?", id)).stream()
                        .findFirst()
                        .orElseThrow(() -> new PoolException(PoolException.Kind.NOT_FOUND, "There is no such run")));
    }

    /** The latest run of every feed, by source and feed. */
    public List<Run> latest(String actor) {
        return read(actor, Runs::latest);
    }

    /**
     * The latest run of every feed, and what else a listener has to hear: runs that began and ended unheard of, and the
     * end of one that another of its feed has followed.
     *
     * @param last the latest run that the listener has heard of
     * @param open those that had not ended when it heard of them last
     */
    public List<Run> since(String actor, long last, Collection<Long> open) {
        return read(
                actor,
                connection -> runs(
                        connection,
                        new Sql()
                                .add(RUN)
                                .add(LATEST)
                                .add("or r.id > ?", last)
                                .add("or r.id = any (?)", List.copyOf(open))
                                .add("order by r.id")));
    }

    /** Every source with its streams, its latest run, and what waits in quarantine. */
    public List<SourceOverview> sources(String actor) {
        return read(actor, connection -> {
            // A replay says nothing of how the source is being read.
            Map<String, Run> lastRuns = latest(connection).stream()
                    .filter(run -> !run.kind().equals("replay"))
                    .collect(Collectors.toMap(Run::source, run -> run, (a, b) -> a.id() > b.id() ? a : b));
            Map<String, List<SourceOverview.Stream>> streams = streams(connection);
            var sources = new ArrayList<SourceOverview>();
            try (var select = connection.prepareStatement("""
                            select s.id, s.title, s.title_en, s.owner,
                                   (select min(o.updated_at) from pool.feed_offset o
                                     where o.feed = s.id or starts_with(o.feed, s.id || '/')),
                                   (select count(*) from pool.quarantine q join pool.stream t on t.id = q.stream_id
                                     where t.source = s.id and q.status = 'WAITING')
                              from pool.source s
                             order by s.id""");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String id = row.getString(1);
                    sources.add(new SourceOverview(
                            id,
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            streams.getOrDefault(id, List.of()),
                            instant(row, 5),
                            lastRuns.get(id),
                            row.getLong(6)));
                }
            }
            return sources;
        });
    }

    private <T> T read(String actor, ScopedReads.Work<T> work) {
        return reads.read(Scope.everything(actor), ScopedReads.operations(), work);
    }

    private static Map<String, List<SourceOverview.Stream>> streams(Connection connection) throws SQLException {
        var streams = new LinkedHashMap<String, List<SourceOverview.Stream>>();
        try (var select = connection.prepareStatement("""
                        select t.source, t.stream, t.entity_type, t.trust, coalesce(n.live, 0)
                          from pool.stream t
                          left join (select stream_id, count(*) as live from pool.source_record
                                      where not deleted group by stream_id) n on n.stream_id = t.id
                         order by t.source, t.id""");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                streams.computeIfAbsent(row.getString(1), source -> new ArrayList<>())
                        .add(new SourceOverview.Stream(
                                row.getString(2), row.getString(3), row.getInt(4), row.getLong(5)));
            }
        }
        return streams;
    }

    private static List<Run> latest(Connection connection) throws SQLException {
        return runs(connection, new Sql().add(RUN).add(LATEST).add("order by r.source, r.feed"));
    }

    private static final String LATEST = "where r.id in (select max(id) from pool.run group by source, feed)";

    private static final String RUN = """
            select r.id, r.source, r.feed, r.kind, r.status, r.expected, r.started_at, r.updated_at, r.ended_at,
                   r.message
              from pool.run r""";

    private static List<Run> runs(Connection connection, Sql sql) throws SQLException {
        var runs = new ArrayList<Run>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                runs.add(new Run(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        RunStatus.valueOf(row.getString(5)),
                        row.getObject(6, Long.class),
                        row.getObject(7, OffsetDateTime.class).toInstant(),
                        row.getObject(8, OffsetDateTime.class).toInstant(),
                        instant(row, 9),
                        row.getString(10),
                        Map.of()));
            }
        }
        Map<Long, Map<String, Counts>> counts =
                counts(connection, runs.stream().map(Run::id).toList());
        return runs.stream()
                .map(run -> run.withCounts(counts.getOrDefault(run.id(), Map.of())))
                .toList();
    }

    private static Map<Long, Map<String, Counts>> counts(Connection connection, List<Long> runs) throws SQLException {
        var sql = new Sql().add("""
                        select c.run_id, t.stream, c.read, c.applied, c.unchanged, c.stale, c.quarantined,
                               c.withheld
                          from pool.run_count c join pool.stream t on t.id = c.stream_id
                         where c.run_id = any (?)
                         order by t.id""", runs);
        var counts = new LinkedHashMap<Long, Map<String, Counts>>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                counts.computeIfAbsent(row.getLong(1), run -> new LinkedHashMap<>())
                        .put(
                                row.getString(2),
                                new Counts(
                                        row.getLong(3),
                                        row.getLong(4),
                                        row.getLong(5),
                                        row.getLong(6),
                                        row.getLong(7),
                                        row.getLong(8)));
            }
        }
        return counts;
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }
}
