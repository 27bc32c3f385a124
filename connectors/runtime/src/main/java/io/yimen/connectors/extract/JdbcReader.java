package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt to read a database works with: its tables, the streams that each feeds, where reading stands, and what
 * goes into the next batch. Every page has a position of its own, and pages are read one after the other: what was read
 * later is newer.
 */
final class JdbcReader implements StreamMapping.Output {
    private final Session session;
    private final Connector connector;
    private final Map<String, JdbcTable> tables = new LinkedHashMap<>();
    private final Map<String, List<StreamMapping>> mappings = new HashMap<>();
    private final List<ChangeEvent> events = new ArrayList<>();
    private final List<Rejected> rejected = new ArrayList<>();
    private final Map<StreamId, Map<String, Long>> onPage = new HashMap<>();
    private JdbcOffset offset;
    private @Nullable String[] row = new String[0];
    private @Nullable StreamMapping mapping;
    private boolean tellsSkipped;

    JdbcReader(Session session, JdbcDatabase db, Manifest.Jdbc settings) {
        this.session = session;
        this.connector = session.connector();
        this.offset = session.findOffset().map(JdbcOffset::parse).orElse(JdbcOffset.START);
        Set<String> unread = new LinkedHashSet<>();
        for (String name : settings.tables().keySet()) {
            JdbcTable table = JdbcTable.of(db, connector, settings, name);
            tables.put(name, table);
            unread.addAll(table.unread(settings.schema()));
            List<StreamMapping> fed = new ArrayList<>();
            connector.manifest().streams().stream()
                    .filter(s -> s.from().equals(name))
                    .forEach(s -> fed.add(StreamMapping.compile(
                            s, connector.id(), table.columns(), ManifestTests.zoneOf(connector.manifest()))));
            mappings.put(name, fed);
        }
        if (!unread.isEmpty() && unread.size() <= 40) {
            session.notice("columns that nobody asked for, not read: " + String.join(", ", unread));
        }
    }

    List<JdbcTable> tables() {
        return List.copyOf(tables.values());
    }

    @Nullable
    JdbcTable findTable(String name) {
        return tables.get(name);
    }

    JdbcOffset offset() {
        return offset;
    }

    Instant now() {
        return session.clock().instant();
    }

    void notice(String message) {
        session.notice(message);
    }

    void checkStop() {
        session.stop().check();
    }

    boolean isEmpty() {
        return events.isEmpty() && rejected.isEmpty();
    }

    /** Takes the next position for itself and says it; everything that is read from now on is newer. */
    Position reserve() {
        offset = offset.at(offset.position() + 1);
        return Position.of(offset.position());
    }

    /** Begins a page: all that is added until {@link #apply} has its position. */
    void begin() {
        offset = offset.at(offset.position() + 1);
        onPage.values().forEach(Map::clear);
    }

    /**
     * Maps a row for every stream of its table.
     *
     * @param changed whether it was read because it changed: it may then have belonged to a stream until now
     */
    void add(JdbcTable table, @Nullable String[] read, boolean changed) {
        row = table.mapped(read);
        tellsSkipped = changed;
        for (StreamMapping each : mappingsOf(table)) {
            mapping = each;
            each.map(row, Position.of(offset.position()), this);
        }
    }

    /** Says that the row of this key is gone, to every stream whose records it identifies. */
    void gone(JdbcTable table, List<String> key) {
        @Nullable String[] known = table.mapped(table.rowOf(key));
        for (StreamMapping each : mappingsOf(table)) {
            if (each.shape().deletes() == DeletePolicy.LOG) {
                deleted(each, each.keyOf(known));
            }
        }
    }

    /** Hands over what has been added, with where reading then stands. */
    void apply(JdbcOffset next) {
        apply(next, List.of());
    }

    void apply(JdbcOffset next, List<CompleteSet> sets) {
        session.apply(next.text(), events, rejected, sets);
        events.clear();
        rejected.clear();
        offset = next;
    }

    /** Keeps where reading stands until the next batch. */
    void keep(JdbcOffset next) {
        offset = next;
    }

    /** Streams of a table that tell what is gone. */
    List<StreamMapping> comparable(JdbcTable table) {
        return mappingsOf(table).stream()
                .filter(m -> m.shape().deletes() != DeletePolicy.NONE)
                .toList();
    }

    double brakeOf(StreamMapping stream) {
        return connector.brakeOf(stream.shape().id().stream());
    }

    private List<StreamMapping> mappingsOf(JdbcTable table) {
        return Objects.requireNonNull(mappings.get(table.name()));
    }

    private void deleted(StreamMapping stream, String key) {
        if (!key.isEmpty()) {
            events.add(ChangeEvent.deleted(stream.shape(), key, Position.of(offset.position())));
        }
    }

    @Override
    public void event(ChangeEvent event) {
        long content = FullRead.contentOf(event);
        Long before = onPage.computeIfAbsent(event.stream().id(), s -> new HashMap<>())
                .putIfAbsent(event.key(), content);
        if (before == null) {
            events.add(event);
        } else if (before != content) {
            rejected.add(FullRead.duplicate(Objects.requireNonNull(mapping), row, event.key(), event.position()));
        }
    }

    @Override
    public void rejected(Rejected rejection) {
        rejected.add(rejection);
    }

    @Override
    public void skipped(StreamMapping stream, String key) {
        if (tellsSkipped && stream.shape().deletes() != DeletePolicy.NONE) {
            deleted(stream, key);
        }
    }
}
