package io.yimen.connectors.extract;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How far tables have been copied, through which snapshots: enough to go on after a crash, and to know which changes of
 * the log are shown by the copy already.
 *
 * @param horizons the snapshots, in the order in which they were made
 * @param parts what has been copied, for each table in the order of its keys
 * @param waiting tables that are not copied whole, in the order in which they are copied
 */
record CopyProgress(
        @JsonProperty("horizons") List<Horizon> horizons,
        @JsonProperty("parts") List<Part> parts,
        @JsonProperty("waiting") List<String> waiting) {

    /**
     * A part of a table that was read through one snapshot; it begins where the part before it ends.
     *
     * @param horizon the snapshot's number
     * @param upTo the key of its last row; null for all that there is
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Part(
            @JsonProperty("table") String table,
            @JsonProperty("horizon") int horizon,
            @JsonProperty("upTo") @Nullable List<String> upTo) {}

    CopyProgress {
        horizons = List.copyOf(horizons);
        parts = List.copyOf(parts);
        waiting = List.copyOf(waiting);
    }

    /** Nothing is copied yet. */
    static CopyProgress of(List<String> tables) {
        return new CopyProgress(List.of(), List.of(), tables);
    }

    /** What is copied from now on is read through this snapshot. */
    CopyProgress through(Horizon horizon) {
        List<Horizon> more = new ArrayList<>(horizons);
        int last = more.size() - 1;
        if (last >= 0 && parts.stream().noneMatch(p -> p.horizon() == last)) {
            more.remove(last);
        }
        more.add(horizon);
        return new CopyProgress(more, parts, waiting);
    }

    /** A table has to be copied from its beginning, once more or for the first time. */
    CopyProgress anew(String table) {
        List<String> more = new ArrayList<>(waiting);
        more.remove(table);
        more.add(table);
        return new CopyProgress(
                horizons, parts.stream().filter(p -> !p.table().equals(table)).toList(), more);
    }

    /** The same without tables that nobody asks for any more. */
    CopyProgress only(Set<String> tables) {
        return new CopyProgress(
                horizons,
                parts.stream().filter(p -> tables.contains(p.table())).toList(),
                waiting.stream().filter(tables::contains).toList());
    }

    /** A table has been copied up to a key, or whole if there is none. */
    CopyProgress copied(String table, @Nullable List<String> upTo) {
        Part part = new Part(table, horizons.size() - 1, upTo);
        List<Part> more = new ArrayList<>(parts);
        more.removeIf(p -> p.table().equals(table) && p.horizon() == part.horizon());
        more.add(part);
        List<String> left = new ArrayList<>(waiting);
        if (upTo == null) {
            left.remove(table);
        }
        return new CopyProgress(horizons, more, left);
    }

    /** Up to which key a table that waits has been copied. */
    Optional<List<String>> findEnd(String table) {
        List<String> end = null;
        for (Part part : parts) {
            if (part.table().equals(table)) {
                end = part.upTo();
            }
        }
        return Optional.ofNullable(end);
    }

    /**
     * The first snapshot that a table was read through: what neither it nor a later one shows was gone by then, or has
     * changed since.
     */
    Horizon firstOf(String table) {
        for (Part part : parts) {
            if (part.table().equals(table)) {
                return horizons.get(part.horizon());
            }
        }
        return last();
    }

    /** The snapshot that tables are read through now. */
    Horizon last() {
        return horizons.get(horizons.size() - 1);
    }

    /** The snapshot that a record was read through, if it is copied already, or would have been if it had been there. */
    Optional<Horizon> findHorizon(String table, List<String> key, KeyOrder order) {
        for (Part part : parts) {
            if (part.table().equals(table) && (part.upTo() == null || order.compare(key, part.upTo()) <= 0)) {
                return Optional.of(horizons.get(part.horizon()));
            }
        }
        return Optional.empty();
    }

    /** The tables that wait and of which nothing is copied yet. */
    List<String> unbegun() {
        return waiting.stream()
                .filter(table -> parts.stream().noneMatch(p -> p.table().equals(table)))
                .toList();
    }

    /** The tables of which a reader of the log needs nothing at this place, only what comes after their first snapshot. */
    Set<String> ahead(long place) {
        Set<String> ahead = new TreeSet<>(unbegun());
        parts.stream()
                .map(Part::table)
                .filter(table -> firstOf(table).point() > place)
                .forEach(ahead::add);
        return ahead;
    }

    /** The next snapshot that is the first of a table, as seen from a place of the log; nothing waits. */
    Optional<Horizon> findNext(long place) {
        return ahead(place).stream().map(this::firstOf).min(Comparator.comparingLong(Horizon::point));
    }

    /** Whether a reader of the log that has come so far needs no more of this. */
    boolean isPassedAt(long place) {
        return waiting.isEmpty() && horizons.stream().allMatch(h -> h.point() <= place);
    }
}
