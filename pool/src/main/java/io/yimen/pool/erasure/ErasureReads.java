package io.yimen.pool.erasure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.pool.ledger.Cursors;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.ledger.Sql;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Requests to erase somebody, as far as somebody may see them. Thread-safe. */
public final class ErasureReads {
    private static final int MOST = 200;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SELECT = """
            select e.id, e.entity_id, e.entity_type, e.ground, e.reason, e.state, e.extent, e.kept, e.holds,
                   e.counts::text, e.requested_by, e.requested_at, e.decided_by, e.decided_at, e.lifted_by, e.lifted_at
              from pool.erasure e
             where true""";

    private final ScopedReads reads;
    private final Cursors cursors;

    public ErasureReads(ScopedReads reads) {
        this.reads = reads;
        this.cursors = new Cursors(reads.vault());
    }

    /** As {@link Erasures#list}. */
    public Erasures.Page list(Scope scope, Erasures.Query query) {
        ScopedReads.checkLimit(query.limit(), MOST);
        String question = Cursors.question("erasures", query.state());
        var sql = new Sql().add(SELECT);
        if (query.state() != null) {
            sql.add("and e.state = ?", query.state().name());
        }
        if (query.after() != null) {
            sql.add(
                    "and e.id < ?",
                    Long.parseLong(cursors.read(query.after(), question, 1).get(0)));
        }
        sql.add("order by e.id desc limit ?", query.limit() + 1);
        return reads.read(scope, access("LIST", "erasures"), connection -> {
            List<Erasure> found = erasures(connection, sql);
            List<Erasure> page = ScopedReads.firstOf(found, query.limit());
            String next = found.size() > query.limit()
                    ? cursors.write(
                            question, Long.toString(page.get(page.size() - 1).id()))
                    : null;
            return new Erasures.Page(page, next);
        });
    }

    /** As {@link Erasures#find}. */
    public Erasure find(Scope scope, long id) {
        return reads.read(
                scope,
                access("READ", "erasure/" + id),
                connection -> erasures(connection, new Sql().add(SELECT).add("and e.id = ?", id)).stream()
                        .findFirst()
                        .orElseThrow(() -> ScopedReads.notFound("erasure")));
    }

    private static ScopedReads.Access access(String action, String object) {
        return new ScopedReads.Access(action, object, Map.of(), true, false, false);
    }

    private List<Erasure> erasures(Connection connection, Sql sql) throws SQLException {
        List<Erasure> erasures = new ArrayList<>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                String reason = row.getString(5);
                String extent = row.getString(7);
                erasures.add(new Erasure(
                        row.getLong(1),
                        row.getLong(2),
                        row.getString(3),
                        row.getString(4),
                        reason == null ? null : reads.vault().open(reason),
                        State.valueOf(row.getString(6)),
                        extent == null ? null : Extent.valueOf(extent),
                        texts(row.getArray(8)),
                        texts(row.getArray(9)),
                        counts(row.getString(10)),
                        new Erasure.Act(row.getString(11), at(row, 12)),
                        row.getString(13) == null ? null : new Erasure.Act(row.getString(13), at(row, 14)),
                        row.getString(15) == null ? null : new Erasure.Act(row.getString(15), at(row, 16))));
            }
        }
        return erasures;
    }

    private static Instant at(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static List<String> texts(@Nullable Array array) throws SQLException {
        return array == null ? List.of() : Arrays.asList((String[]) array.getArray());
    }

    private static Map<String, Long> counts(@Nullable String json) {
        try {
            return json == null ? Map.of() : JSON.readValue(json, new TypeReference<Map<String, Long>>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Counts of an erasure are no JSON", e);
        }
    }
}
