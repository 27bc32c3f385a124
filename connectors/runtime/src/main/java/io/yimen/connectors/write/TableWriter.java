package io.yimen.connectors.write;

import io.yimen.connectors.Connector;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Inverse;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.pool.correction.WriteBacks;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes into the tables of a database, one short transaction a value. */
final class TableWriter implements SourceWriter {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

    private final Connector connector;
    private final Tables tables;
    private final ZoneId zone;

    TableWriter(Connector connector, Tables tables) {
        this.connector = connector;
        this.tables = tables;
        this.zone = ManifestTests.zoneOf(connector.manifest());
    }

    @Override
    public Outcome write(WriteBacks.Order order) {
        Manifest.Stream stream = connector.manifest().streams().stream()
                .filter(s -> s.id().equals(order.record().stream().stream()))
                .findFirst()
                .orElse(null);
        if (stream == null
                || stream.writeBack() == null
                || !stream.writeBack().fields().contains(order.field())) {
            return refused("not-writable");
        }
        Optional<Map<String, String>> key = key(stream, order.record().key());
        if (key.isEmpty()) {
            return refused("key");
        }
        try (Connection db = tables.connect()) {
            Outcome outcome;
            try {
                outcome = write(db, stream, stream.writeBack(), key.get(), order);
                if (outcome.result() == Result.WRITTEN) {
                    db.commit();
                } else {
                    db.rollback();
                }
            } catch (SQLException e) {
                db.rollback();
                throw e;
            }
            return outcome;
        } catch (SQLException e) {
            // The driver's text may quote data; its state does not.
            String state = tables.isForbidden(e) ? "privileges" : "sqlstate-" + e.getSQLState();
            return tables.refusal(e).map(TableWriter::refused).orElseGet(() -> later(state));
        }
    }

    private Outcome write(
            Connection db,
            Manifest.Stream stream,
            Manifest.WriteBack how,
            Map<String, String> key,
            WriteBacks.Order order)
            throws SQLException {
        Inverse inverse = Inverse.of(stream, order.field(), zone);
        Optional<@Nullable String[]> row =
                tables.lock(db, stream.from(), key, inverse.columns().names());
        if (row.isEmpty()) {
            return later("no-such-row");
        }
        Optional<String> says = inverse.read(row.get());
        if (says.isEmpty()) {
            return later("unreadable");
        }
        if (says.get().equals(order.right())) {
            return new Outcome(Result.WRITTEN, null);
        }
        if (!says.get().equals(order.says())) {
            return later("changed");
        }
        Optional<String> raw = inverse.raw(row.get(), order.right());
        if (raw.isEmpty()) {
            return refused("value");
        }
        Map<String, String> values = new LinkedHashMap<>();
        values.put(inverse.column(), raw.get());
        values.putAll(how.set());
        if (how.touch() != null) {
            values.put(
                    how.touch(),
                    LocalDateTime.now(zone).truncatedTo(ChronoUnit.SECONDS).format(TIME));
        }
        String mark = "ticket/" + order.ticket();
        if (!tables.update(db, stream.from(), key, values, mark)) {
            return refused("value");
        }
        tables.mark(db, mark);
        return new Outcome(Result.WRITTEN, null);
    }

    /** The columns of a record's key; no answer where they cannot be told from it. */
    private static Optional<Map<String, String>> key(Manifest.Stream stream, String key) {
        List<String> columns = stream.key();
        String[] parts = columns.size() == 1 ? new String[] {key} : key.split("\\|", -1);
        if (parts.length != columns.size()) {
            return Optional.empty();
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < parts.length; i++) {
            values.put(columns.get(i), parts[i]);
        }
        return Optional.of(values);
    }

    private static Outcome refused(String code) {
        return new Outcome(Result.REFUSED, code);
    }

    private static Outcome later(String code) {
        return new Outcome(Result.LATER, code);
    }
}
