package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One read of a whole resource: maps its rows for every stream, knows the keys that it has seen, and gathers what goes
 * into the next batch. A key that comes twice with the same content passes (the pool counts it as stale); with other
 * content the second is rejected, for nobody can tell which of them holds.
 *
 * <p>Or one read of changes, in their order: then a key may come as often as it changed, each time at a later position.
 */
final class FullRead implements StreamMapping.Output {
    private static final long REJECTED = 0;

    private final Connector connector;
    private final Columns columns;
    private final List<StreamMapping> mappings = new ArrayList<>();
    private final Map<StreamId, Map<String, Long>> seen = new HashMap<>();
    private final boolean changes;
    private Position position;
    private final List<ChangeEvent> events = new ArrayList<>();
    private final List<Rejected> rejected = new ArrayList<>();
    private boolean silent;
    private boolean keysKnown = true;
    private @Nullable String[] row = new String[0];
    private @Nullable StreamMapping mapping;

    FullRead(Connector connector, Columns columns, Position position) {
        this(connector, columns, position, false);
    }

    /** @param changes whether the rows are changes instead of the whole */
    FullRead(Connector connector, Columns columns, Position position, boolean changes) {
        this.connector = connector;
        this.changes = changes;
        this.columns = columns;
        this.position = position;
        ZoneId zone = ManifestTests.zoneOf(connector.manifest());
        connector.manifest().streams().forEach(stream -> {
            StreamMapping compiled = StreamMapping.compile(stream, connector.id(), columns, zone);
            mappings.add(compiled);
            seen.put(compiled.shape().id(), new HashMap<>());
        });
    }

    Columns columns() {
        return columns;
    }

    Position position() {
        return position;
    }

    /** Maps a row for every stream. */
    void add(@Nullable String[] row) {
        this.row = row;
        for (StreamMapping each : mappings) {
            mapping = each;
            each.map(row, position, this);
        }
    }

    /** Says where in the order of changes the next row stands. */
    void moveTo(Position next) {
        position = next;
    }

    /** No stream takes the row. */
    void rejectAll(@Nullable String[] row, String reason, String column, String message) {
        for (StreamMapping each : mappings) {
            rejected.add(each.reject(row, each.keyOf(row), position, reason, column, message));
        }
    }

    /** The record that a row names is gone, for every stream. */
    void delete(@Nullable String[] row) {
        for (StreamMapping each : mappings) {
            String key = each.keyOf(row);
            if (key.isEmpty()) {
                rejected.add(each.reject(
                        row, key, position, "missing-key", null, "is empty, but what is gone has to say what it is"));
            } else {
                events.add(ChangeEvent.deleted(each.shape(), key, position));
            }
        }
    }

    /** Notes the keys of a row that was applied before and hands over nothing. */
    void recall(@Nullable String[] row) {
        silent = true;
        add(row);
        silent = false;
    }

    /** A rejection of something that is no row; it belongs to the first stream. */
    void reject(Rejected rejection) {
        keysKnown = false;
        rejected.add(rejection);
    }

    /** As {@link #reject}, of something that was handed over before. */
    void recallRejected() {
        keysKnown = false;
    }

    /** Whether the key of everything that was read is known; what is missing may else be what could not be read. */
    boolean isWhole() {
        return keysKnown;
    }

    StreamId firstStream() {
        return mappings.get(0).shape().id();
    }

    int pending() {
        return events.size() + rejected.size();
    }

    /** Hands over what has been gathered. */
    void flush(Session session, @Nullable String offset) {
        session.apply(offset, events, rejected, List.of());
        events.clear();
        rejected.clear();
    }

    /** Says of each stream that declares it that this was all, if it was. */
    List<CompleteSet> completeSets() {
        List<CompleteSet> sets = new ArrayList<>();
        if (!keysKnown || changes) {
            return sets;
        }
        for (StreamMapping each : mappings) {
            if (each.shape().deletes() == DeletePolicy.FULL_SET) {
                StreamId id = each.shape().id();
                sets.add(new CompleteSet(each.shape(), keysOf(id).keySet(), position, connector.brakeOf(id.stream())));
            }
        }
        return sets;
    }

    @Override
    public void event(ChangeEvent event) {
        if (changes) {
            events.add(event);
            return;
        }
        long content = contentOf(event);
        Long before = keysOf(event.stream().id()).putIfAbsent(event.key(), content);
        if (silent) {
            return;
        }
        if (before == null || before == content) {
            events.add(event);
            return;
        }
        rejected.add(duplicate(java.util.Objects.requireNonNull(mapping), row, event.key(), position));
    }

    /** The rejection of a row whose key came before with other content. */
    static Rejected duplicate(StreamMapping mapping, @Nullable String[] row, String recordKey, Position position) {
        Rejected duplicate = mapping.reject(
                row,
                recordKey,
                position,
                "duplicate-key",
                null,
                "the same key came before in this read with other content; the source has to say which one holds");
        // Under the record's own key it would pass for a repeat of the one that came first, and be lost.
        String key = recordKey + "#" + StreamMapping.digest(duplicate.raw()).substring(7, 19);
        return new Rejected(
                duplicate.stream(),
                key,
                position,
                duplicate.reason(),
                duplicate.field(),
                duplicate.message(),
                duplicate.raw());
    }

    @Override
    public void rejected(Rejected rejection) {
        keysOf(rejection.stream()).putIfAbsent(rejection.key(), REJECTED);
        keysKnown &= !rejection.key().startsWith(StreamMapping.DIGEST);
        if (!silent) {
            rejected.add(rejection);
        }
    }

    @Override
    public void skipped(StreamMapping mapping, String key) {
        // Not of this stream; if it was once, the complete set retires it, where there is one.
        if (changes && !key.isEmpty()) {
            events.add(ChangeEvent.deleted(mapping.shape(), key, position));
        }
    }

    private Map<String, Long> keysOf(StreamId id) {
        return java.util.Objects.requireNonNull(seen.get(id));
    }

    /** A digest of what an event says; never {@link #REJECTED}. */
    static long contentOf(ChangeEvent event) {
        return digest(event.stream().fields().size(), event::value);
    }

    /** A digest of so many values; never {@link #REJECTED}. */
    static long digest(int size, IntFunction<@Nullable String> values) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < size; i++) {
            String value = values.apply(i);
            if (value == null) {
                hash = (hash ^ 0xffff) * 0x100000001b3L;
                continue;
            }
            for (int c = 0; c < value.length(); c++) {
                hash = (hash ^ value.charAt(c)) * 0x100000001b3L;
            }
            hash = (hash ^ 0xfffe) * 0x100000001b3L;
        }
        return hash == REJECTED ? 1 : hash;
    }
}
