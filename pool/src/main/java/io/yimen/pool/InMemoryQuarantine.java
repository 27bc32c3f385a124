package io.yimen.pool;

import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.quarantine.Replay;
import io.yimen.pool.quarantine.ReplayedRecord;
import io.yimen.pool.quarantine.Selection;
import io.yimen.pool.quarantine.Waiting;
import io.yimen.pool.run.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The quarantine of {@link InMemoryPool}: every item, in the order in which it came. It keeps no time. */
final class InMemoryQuarantine {
    private static final String WAITING = "WAITING";

    private final List<Item> items = new ArrayList<>();

    /** A record that could not be applied; never changed, only replaced by another of the same id. */
    private record Item(
            long id,
            RecordRef ref,
            Position position,
            String reason,
            @Nullable String field,
            byte[] raw,
            String status) {
        boolean isWaiting() {
            return status.equals(WAITING);
        }

        Item at(Position newPosition) {
            return new Item(id, ref, newPosition, reason, field, raw, status);
        }

        Item as(String newStatus) {
            return new Item(id, ref, position, reason, field, raw, newStatus);
        }

        boolean isFault(Rejected other) {
            return reason.equals(other.reason())
                    && Objects.equals(field, other.field())
                    && Arrays.equals(raw, other.raw());
        }

        boolean fits(Selection selection) {
            String key = selection.key();
            return ref.stream().source().equals(selection.source())
                    && (selection.stream() == null || ref.stream().stream().equals(selection.stream()))
                    && (selection.reason() == null || reason.equals(selection.reason()))
                    && (key == null
                            || (key.endsWith("*")
                                    ? ref.key().startsWith(key.substring(0, key.length() - 1))
                                    : ref.key().equals(key)))
                    && (selection.ids().isEmpty() || selection.ids().contains(id));
        }
    }

    InMemoryQuarantine copy() {
        InMemoryQuarantine copy = new InMemoryQuarantine();
        copy.items.addAll(items);
        return copy;
    }

    /** The newest position at which the record was ever put here; {@code null} if it never was. */
    @Nullable
    Position newest(RecordRef ref) {
        return items.stream()
                .filter(item -> item.ref.equals(ref))
                .map(Item::position)
                .max(Comparator.naturalOrder())
                .orElse(null);
    }

    /** Lets a record wait whose position is newer than all that were put here. */
    void put(Rejected rejected) {
        RecordRef ref = new RecordRef(rejected.stream(), rejected.key());
        boolean moved = false;
        for (String status : List.of(WAITING, "DISCARDED")) {
            for (int i = items.size() - 1; i >= 0 && !moved; i--) {
                Item item = items.get(i);
                if (item.ref.equals(ref) && item.status.equals(status) && item.isFault(rejected)) {
                    items.set(i, item.at(rejected.position()));
                    moved = true;
                }
            }
        }
        items.replaceAll(
                item -> item.ref.equals(ref) && item.isWaiting() && item.position.compareTo(rejected.position()) < 0
                        ? item.as("SUPERSEDED")
                        : item);
        if (!moved) {
            items.add(new Item(
                    items.size() + 1L,
                    ref,
                    rejected.position(),
                    rejected.reason(),
                    rejected.field(),
                    rejected.raw(),
                    WAITING));
        }
    }

    /** The record was taken in at that position. */
    void settle(RecordRef ref, Position taken) {
        items.replaceAll(item -> {
            int order = item.position.compareTo(taken);
            return item.ref.equals(ref) && item.isWaiting() && order <= 0
                    ? item.as(order == 0 ? "REPLAYED" : "SUPERSEDED")
                    : item;
        });
    }

    /** The record was replayed. */
    void settle(ReplayedRecord record) {
        items.replaceAll(item -> {
            if (item.id != record.id()) {
                return item;
            }
            String reason = record.reason();
            if (record.outcome() == Outcome.QUARANTINED) {
                return record.edited() || reason == null
                        ? item
                        : new Item(item.id, item.ref, item.position, reason, record.field(), item.raw, item.status);
            }
            return item.as(record.outcome() == Outcome.STALE ? "SUPERSEDED" : "REPLAYED");
        });
    }

    List<Waiting> next(Replay replay) {
        Replay.After after = replay.after();
        return selected(replay.selection())
                .sorted(Comparator.comparing(Item::ref))
                .filter(item -> after == null || isAfter(item, after))
                .limit(replay.limit())
                .map(item -> new Waiting(
                        item.id,
                        item.ref.stream(),
                        item.ref.key(),
                        item.position,
                        item.reason,
                        item.field,
                        item.raw,
                        replay.edits().get(item.id)))
                .toList();
    }

    private static boolean isAfter(Item item, Replay.After after) {
        int byStream = item.ref.stream().stream().compareTo(after.stream());
        return byStream > 0 || (byStream == 0 && item.ref.key().compareTo(after.key()) > 0);
    }

    long count(Selection selection) {
        return selected(selection).count();
    }

    int discard(Selection selection) {
        List<Long> ids = selected(selection).map(Item::id).toList();
        items.replaceAll(item -> ids.contains(item.id) ? item.as("DISCARDED") : item);
        return ids.size();
    }

    private Stream<Item> selected(Selection selection) {
        return items.stream().filter(item -> item.isWaiting() && item.fits(selection));
    }

    List<String> list() {
        return items.stream()
                .map(item -> item.ref.path() + "@" + item.position.offset() + " " + item.status + " " + item.reason)
                .toList();
    }
}
