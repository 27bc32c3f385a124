package io.yimen.pool.reference;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.survivorship.Golden;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The corrections of one history, as docs/corrections.md has them: each is looked at anew after every transaction, with
 * all that its entity's records say by then.
 */
final class PlainCorrections {
    private static final List<String> IN_FORCE = List.of("STANDING", "IN_CONFLICT");

    private final Map<Long, Put> puts = new TreeMap<>();

    /** A value that was put right. */
    private static final class Put {
        final long id;
        final int field;
        final String value;
        List<RecordRef> records;
        final Set<String> known;
        String state = "STANDING";

        @Nullable
        LocalDate expires;

        Put(long id, int field, String value, List<RecordRef> records, Set<String> known) {
            this.id = id;
            this.field = field;
            this.value = value;
            this.records = records;
            this.known = known;
        }

        boolean isInForce() {
            return IN_FORCE.contains(state);
        }
    }

    /** Where a live record is now; null for one that is not. */
    interface Places extends Function<RecordRef, @Nullable Long> {}

    /**
     * A person put a value right; what was put right before in the same place is over.
     *
     * @param golden what is published of the entity until then
     */
    void put(long id, long entity, int field, String value, Golden golden, Places places) {
        for (Put other : of(entity, places)) {
            if (other.field == field) {
                other.state = "RETIRED SUPERSEDED";
            }
        }
        Set<String> known = said(golden.claims(), field);
        known.add(textOf(golden.value(field)));
        known.remove("");
        List<RecordRef> records = new ArrayList<>(
                golden.claims().stream().map(Claim::ref).sorted().toList());
        Claim winner = golden.winner(field);
        RecordRef first = winner == null ? golden.anchor() : winner.ref();
        if (records.remove(first)) {
            records.add(0, first);
        }
        puts.put(id, new Put(id, field, value, records, known));
    }

    /** Whether a correction says this. */
    boolean says(long id, int field, String value) {
        return get(id).field == field && get(id).value.equals(value);
    }

    /** It was made for a time. */
    void until(long id, LocalDate last) {
        get(id).expires = last;
    }

    /** A day begins. */
    void expire(LocalDate day) {
        for (Put put : puts.values()) {
            if (put.isInForce() && put.expires != null && put.expires.isBefore(day)) {
                put.state = "RETIRED EXPIRED";
            }
        }
    }

    /** A person took it back. */
    void withdraw(long id) {
        get(id).state = "RETIRED WITHDRAWN";
    }

    /** A person found the sources right. */
    void keepSource(long id) {
        get(id).state = "RETIRED SOURCE_KEPT";
    }

    /** A person found the correction right, whatever the sources and others say by now. */
    void keep(long id, long entity, List<Claim> claims, Places places) {
        Put kept = get(id);
        kept.known.addAll(said(claims, kept.field));
        for (Put other : of(entity, places)) {
            if (other.field == kept.field && other.id != id) {
                other.state = "RETIRED SUPERSEDED";
            }
        }
    }

    /**
     * Records are no more, and never were: what belonged to one of their entities goes with them, what belongs to others
     * knows from now on only what its other records say.
     *
     * @param last the entity of a record, of one that is gone the last
     */
    void erase(Set<RecordRef> erased, Places places, Places last, Function<RecordRef, @Nullable Claim> claims) {
        for (Put put : List.copyOf(puts.values())) {
            if (put.records.stream().noneMatch(erased::contains)) {
                continue;
            }
            RecordRef first = put.records.stream()
                    .filter(ref -> places.apply(ref) != null)
                    .findFirst()
                    .or(() -> put.records.stream()
                            .filter(ref -> last.apply(ref) != null)
                            .findFirst())
                    .orElse(null);
            if (first == null || erased.contains(first)) {
                puts.remove(put.id);
                continue;
            }
            put.records =
                    put.records.stream().filter(ref -> !erased.contains(ref)).toList();
            List<Claim> left = new ArrayList<>();
            for (RecordRef ref : put.records) {
                Claim claim = claims.apply(ref);
                if (claim != null) {
                    left.add(claim);
                }
            }
            put.known.retainAll(said(left, put.field));
        }
    }

    /** Looks at those that belong to an entity. */
    void judge(long entity, List<Claim> claims, Places places) {
        List<Put> here = of(entity, places);
        Map<Long, String> states = new TreeMap<>();
        for (Put put : here) {
            Set<String> said = said(claims, put.field);
            Set<String> news = new HashSet<>(said);
            news.remove(put.value);
            news.removeAll(put.known);
            boolean rivalled = here.stream().anyMatch(o -> o.field == put.field && !o.value.equals(put.value));
            boolean agreed = put.value.isEmpty() ? said.isEmpty() : said.equals(Set.of(put.value));
            states.put(put.id, rivalled || !news.isEmpty() ? "IN_CONFLICT" : agreed ? "RETIRED AGREED" : "STANDING");
        }
        states.forEach((id, state) -> get(id).state = state);
    }

    /** What is published of an entity. */
    Golden over(long entity, Golden golden, Places places) {
        Golden published = golden;
        for (Put put : of(entity, places)) {
            @Nullable String[] values = new String[golden.type().fields().size()];
            values[put.field] = put.value;
            RecordRef person = new RecordRef(new StreamId("yimen", "correction"), Long.toString(put.id));
            published = published.corrected(put.field, new Claim(person, Integer.MAX_VALUE, values, List.of()));
        }
        return published;
    }

    /** Those in force, by number, with their states. */
    Map<Long, String> inForce() {
        Map<Long, String> states = new TreeMap<>();
        puts.values().stream().filter(Put::isInForce).forEach(p -> states.put(p.id, p.state));
        return states;
    }

    /** All there ever were, with their states. */
    Map<Long, String> states() {
        Map<Long, String> states = new TreeMap<>();
        puts.values().forEach(p -> states.put(p.id, p.state));
        return states;
    }

    /** The entity of the first of its records that is live; null if none is. */
    @Nullable
    Long entityOf(long id, Places places) {
        return entityOf(get(id), places);
    }

    private static @Nullable Long entityOf(Put put, Places places) {
        for (RecordRef ref : put.records) {
            Long entity = places.apply(ref);
            if (entity != null) {
                return entity;
            }
        }
        return null;
    }

    private List<Put> of(long entity, Places places) {
        List<Put> here = new ArrayList<>();
        for (Put put : puts.values()) {
            Long at = put.isInForce() ? entityOf(put, places) : null;
            if (at != null && at == entity) {
                here.add(put);
            }
        }
        return here;
    }

    private Put get(long id) {
        Put put = puts.get(id);
        if (put == null) {
            throw new IllegalArgumentException("There is no correction " + id);
        }
        return put;
    }

    private static Set<String> said(List<Claim> claims, int field) {
        Set<String> said = new HashSet<>();
        for (Claim claim : claims) {
            String value = claim.value(field);
            if (value != null) {
                said.add(value);
            }
        }
        return said;
    }

    private static String textOf(@Nullable String value) {
        return value == null ? "" : value;
    }
}
