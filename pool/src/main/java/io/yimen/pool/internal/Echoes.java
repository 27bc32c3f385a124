package io.yimen.pool.internal;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.model.PoolModel;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What comes back of what Yimen itself wrote into a system.
 *
 * <p>Most systems note when a row last changed, whoever changed it. Taken at its word, a record of which one value was
 * put right would state all its other values anew, and win with them where recency decides. So a record that says just
 * what it said before and what was written is an echo: it goes on stating what it states at the time at which it stated
 * it, also when it is read again. Anything else that it says is news.
 */
final class Echoes {
    private static final Echoes NONE = new Echoes(null, Map.of());

    private final @Nullable WriteBackTable table;
    private final Map<RecordRef, List<WriteBackTable.Written>> byRecord;
    /** Which times of the records are such an echo's, with the time that stands for it. */
    private final Map<RecordRef, Map<Instant, Stated>> known = new HashMap<>();

    /** When a record stated what it states; null where it does not say. */
    private record Stated(@Nullable Instant at) {}

    private Echoes(@Nullable WriteBackTable table, Map<RecordRef, List<WriteBackTable.Written>> byRecord) {
        this.table = table;
        this.byRecord = byRecord;
        byRecord.forEach((ref, writes) -> writes.forEach(w -> {
            if (w.echoAt() != null) {
                known.computeIfAbsent(ref, r -> new HashMap<>()).put(w.echoAt(), new Stated(w.statedAt()));
            }
        }));
    }

    /** Those that these observations may be. */
    static Echoes of(Transaction tx, PoolModel model, Recognition recognition, List<Observation> observations)
            throws SQLException {
        if (!recognition.isWritten() || observations.isEmpty()) {
            return NONE;
        }
        WriteBackTable table = new WriteBackTable(tx);
        Map<RecordRef, List<WriteBackTable.Written>> found =
                table.of(observations.stream().map(Observation::ref).collect(Collectors.toSet()), model);
        return found.isEmpty() ? NONE : new Echoes(table, found);
    }

    /** Whether something was written into the record, so that what it said before is needed. */
    boolean concern(RecordRef ref) {
        return byRecord.containsKey(ref);
    }

    /** The observation, with the time at which it was stated if it is an echo. */
    Observation heard(Observation seen, Draft before) {
        List<WriteBackTable.Written> writes = byRecord.get(seen.ref());
        Instant at = seen.statedAt();
        if (writes == null || at == null || seen.deleted() || !before.isLive()) {
            return seen;
        }
        Map<Instant, Stated> times = known.computeIfAbsent(seen.ref(), r -> new HashMap<>());
        Stated stated = times.get(at);
        if (stated == null) {
            List<WriteBackTable.Written> told = told(seen, before, writes);
            if (told.isEmpty()) {
                return seen;
            }
            stated = new Stated(before.statedAt());
            times.put(at, stated);
            // Once: whoever says it again later says it on his own.
            writes.removeAll(told);
            Objects.requireNonNull(table)
                    .heard(told.stream().map(WriteBackTable.Written::ticket).toList(), at, before.statedAt());
        }
        return seen.at(stated.at());
    }

    /** Which of the writes it tells of; none if it says anything else that is new. */
    private static List<WriteBackTable.Written> told(
            Observation seen, Draft before, List<WriteBackTable.Written> writes) {
        @Nullable String[] now = seen.values();
        @Nullable String[] was = before.values();
        List<WriteBackTable.Written> told = new ArrayList<>();
        for (int i = 0; i < now.length; i++) {
            String value = now[i];
            if (!seen.carried()[i] || value == null || value.equals(Objects.requireNonNullElse(was[i], ""))) {
                continue;
            }
            int field = i;
            List<WriteBackTable.Written> here = writes.stream()
                    .filter(w -> w.echoAt() == null
                            && w.field() == field
                            && w.right().equals(value))
                    .toList();
            if (here.isEmpty()) {
                return List.of();
            }
            told.addAll(here);
        }
        return told;
    }
}
