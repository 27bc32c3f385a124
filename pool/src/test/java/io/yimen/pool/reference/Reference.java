package io.yimen.pool.reference;

import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.correction.WriteBacks;
import io.yimen.pool.identity.Ruling;
import io.yimen.pool.identity.match.Learned;
import io.yimen.pool.identity.match.MatchRules;
import io.yimen.pool.identity.match.PlainPairs;
import io.yimen.pool.identity.match.Weights;
import io.yimen.pool.lineage.ContentHash;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.IdentifierRule;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.steward.Action;
import io.yimen.pool.survivorship.Golden;
import io.yimen.pool.survivorship.Survivorship;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The pool as it must be, worked out anew after every transaction from all that was said, decided and ruled, one history
 * at a time. It shares with the pool what defines a value (normal forms, comparators, weights, survivorship) and nothing
 * of how the pool gets there. Only the number of a new entity is taken from the pool; that it is new is checked.
 */
final class Reference {
    /** Bits by which evidence must have grown since a decision to be news. */
    private static final double NEWS = 3;
    /** What a rule that forbids a match leaves of all weights, at most. */
    private static final double FORBIDDEN = -1000;
    /** What a shared identifier weighs when a decision is made against it. */
    private static final double IDENTIFIER = 50;

    private final PoolModel model;
    private final Vault vault;
    private final Map<StreamId, StreamShape> shapes = new HashMap<>();
    private final Map<String, Learned> rules = new HashMap<>();
    private final Map<String, PlainPairs> pairs = new HashMap<>();
    private Survivorship survivorship;
    private final Map<Integer, Tale> tales = new TreeMap<>();
    private final Map<Object, Integer> owners = new HashMap<>();
    private final Set<Integer> stirred = new HashSet<>();
    /** Records that a person takes out of their entity. */
    private Set<RecordRef> leaving = Set.of();

    /** What was met with, and how often: operations, rules, reasons to wait. */
    private final Map<String, Integer> met = new TreeMap<>();

    private long lastChange;
    private long lastEntity;

    /** A source record, as far as anything was heard of it. */
    private static final class Heard {
        final RecordRef ref;
        final EntityType type;
        Position position;
        boolean live;

        @Nullable
        String[] values;

        Set<Flag> flags = Set.of();

        @Nullable
        Instant statedAt;
        /** What is being written into it and it has not told of yet: fields with values, by ticket. */
        final Map<Long, Map.Entry<Integer, String>> written = new HashMap<>();
        /** When it told of what was written, by its own account, with when it had stated what it states. */
        final Map<Instant, Optional<Instant>> echoes = new HashMap<>();
        /** Its entity; of one that is gone, the last. */
        long entity;
        /** Whether it was live when its history was last settled. */
        boolean wasLive;

        Heard(RecordRef ref, EntityType type, Position position) {
            this.ref = ref;
            this.type = type;
            this.position = position;
            this.values = new String[type.fields().size()];
        }
    }

    /** An entity, be it gone. */
    private static final class Known {
        final long id;
        final EntityType type;
        String status = "ACTIVE";
        long redirect;
        SortedSet<RecordRef> records = new TreeSet<>();
        long version;
        /** What is published of it, with the doubts about it and where its references lead. */
        List<Object> published = List.of();
        /** Which records it comes from, and why. */
        List<Object> provenance = List.of();

        Known(long id, EntityType type) {
            this.id = id;
            this.type = type;
        }
    }

    /** A decision with what spoke for and against it when it was made. */
    private static final class Decided {
        final String type;
        final Ruling ruling;
        final float strongest;
        final float weakest;
        boolean withdrawn;

        Decided(String type, Ruling ruling, double strongest, double weakest) {
            this.type = type;
            this.ruling = ruling;
            this.strongest = (float) strongest;
            this.weakest = (float) weakest;
        }

        /** The same of the records that are left. */
        Decided without(Set<RecordRef> erased) {
            Decided left = new Decided(
                    type,
                    new Ruling(
                            ruling.number(),
                            ruling.same().stream()
                                    .filter(r -> !erased.contains(r))
                                    .toList(),
                            ruling.left().stream()
                                    .filter(r -> !erased.contains(r))
                                    .toList(),
                            ruling.right().stream()
                                    .filter(r -> !erased.contains(r))
                                    .toList()),
                    strongest,
                    weakest);
            left.withdrawn = withdrawn;
            return left;
        }

        boolean isEmpty() {
            return ruling.same().isEmpty()
                    && ruling.left().isEmpty()
                    && ruling.right().isEmpty();
        }
    }

    /** One history. */
    private static final class Tale {
        final Map<RecordRef, Heard> records = new TreeMap<>();
        final Map<Long, Known> entities = new TreeMap<>();
        final List<Decided> decisions = new ArrayList<>();
        final PlainCorrections corrections = new PlainCorrections();
        /** Numbers of its corrections; that they are new is checked. */
        final Set<Long> corrected = new TreeSet<>();
        /** What was erased and is not to come back, as references have it, with the number of the erasure. */
        final Map<String, Long> erased = new TreeMap<>();
        /** Ids that were erased. */
        final Set<Long> gone = new TreeSet<>();

        @Nullable
        Long placeOf(RecordRef ref) {
            Heard heard = records.get(ref);
            return heard != null && heard.live ? heard.entity : null;
        }
    }

    /** A group of records that are one entity, on its way to an id. */
    private static final class Group {
        final EntityType type;
        final SortedSet<RecordRef> records;
        long id;

        Group(EntityType type, SortedSet<RecordRef> records) {
            this.type = type;
            this.records = records;
        }
    }

    Reference(PoolModel model, Vault vault, Map<String, Learned> rules) {
        this.model = model;
        this.vault = vault;
        this.survivorship = Survivorship.bundled(model, vault);
        rules.forEach(this::put);
    }

    // What happens

    /** From now on the stream is declared like this. */
    void declare(StreamShape shape) {
        shapes.put(shape.id(), shape);
        stirred.addAll(tales.keySet());
    }

    /**
     * From now on these rules are in force, unless they would bring two histories together.
     *
     * @return whether they are
     */
    boolean rule(String type, Learned learned) {
        Map<Object, Integer> keys = new HashMap<>();
        for (Map.Entry<Integer, Tale> e : tales.entrySet()) {
            for (Heard heard : e.getValue().records.values()) {
                if (heard.live && heard.type.name().equals(type)) {
                    @Nullable String[] compared = compared(learned.rules(), heard.type, heard.values);
                    for (List<Long> key : PlainPairs.keys(learned.rules(), compared)) {
                        if (!e.getKey().equals(keys.computeIfAbsent(key, k -> e.getKey()))) {
                            return false;
                        }
                    }
                }
            }
        }
        owners.keySet()
                .removeIf(trace -> trace instanceof List<?> key && key.get(0).equals(type));
        keys.forEach((key, number) -> owners.put(List.of(type, key), number));
        put(type, learned);
        for (Tale tale : tales.values()) {
            for (Heard heard : tale.records.values()) {
                if (heard.live && heard.type.name().equals(type)) {
                    weigh(heard);
                }
            }
        }
        stirred.addAll(tales.keySet());
        return true;
    }

    /** From now on these survivorship rules are in force. */
    void survive(Survivorship other) {
        survivorship = other;
        stirred.addAll(tales.keySet());
    }

    Survivorship survivorship() {
        return survivorship;
    }

    Learned rulesOf(String type) {
        return Objects.requireNonNull(rules.get(type));
    }

    private void put(String type, Learned learned) {
        rules.put(type, learned);
        pairs.put(type, new PlainPairs(learned.rules(), learned.weights()));
    }

    /**
     * Takes an event in, unless it would bring two histories together.
     *
     * @return whether it is part of the history
     */
    boolean take(ChangeEvent event) {
        int number = World.numberOf(event.key());
        Tale tale = tales.computeIfAbsent(number, n -> new Tale());
        RecordRef ref = new RecordRef(event.stream().id(), event.key());
        EntityType type = model.getType(event.stream().entityType());
        Heard heard = tale.records.get(ref);
        if (tale.erased.containsKey("record:" + ref.path())
                || heard != null && event.position().compareTo(heard.position) <= 0) {
            return true;
        }
        boolean ends = !event.isDeleted() && speaksOfErased(tale, event, type);
        if (ends && (heard == null || !heard.live)) {
            return true;
        }
        if (ends) {
            return take(ChangeEvent.deleted(event.stream(), event.key(), event.position()));
        }
        @Nullable String[] now = event.isDeleted() ? new String[type.fields().size()] : merged(heard, event, type);
        forget(tale, type, now);
        if (!event.isDeleted()) {
            Set<Object> traces = traces(type, now);
            if (traces.stream().anyMatch(t -> owners.getOrDefault(t, number) != number)) {
                return false;
            }
            traces.forEach(t -> owners.put(t, number));
        }
        if (heard == null) {
            heard = new Heard(ref, type, event.position());
            tale.records.put(ref, heard);
        }
        heard.flags = event.isDeleted() ? Set.of() : flags(heard, event, type);
        heard.position = event.position();
        heard.statedAt = event.isDeleted() ? null : statedAt(heard, now, event.statedAt());
        heard.live = !event.isDeleted();
        heard.values = now;
        PlainPairs compared = pairs.get(type.name());
        if (heard.live) {
            weigh(heard);
        } else if (compared != null) {
            compared.remove(ref.path());
        }
        stirred.add(number);
        return true;
    }

    /** Of a record that says nothing new but what was written into it, the time of before. */
    private static @Nullable Instant statedAt(Heard heard, @Nullable String[] now, @Nullable Instant at) {
        if (at == null || !heard.live) {
            return at;
        }
        Optional<Instant> known = heard.echoes.get(at);
        if (known != null) {
            return known.orElse(null);
        }
        List<Map.Entry<Integer, String>> told = new ArrayList<>();
        for (int i = 0; i < now.length; i++) {
            String value = Objects.requireNonNullElse(now[i], "");
            if (!value.equals(Objects.requireNonNullElse(heard.values[i], ""))) {
                Map.Entry<Integer, String> write = Map.entry(i, value);
                if (!heard.written.containsValue(write)) {
                    return at;
                }
                told.add(write);
            }
        }
        if (told.isEmpty()) {
            return at;
        }
        heard.written.values().removeAll(told);
        heard.echoes.put(at, Optional.ofNullable(heard.statedAt));
        return heard.statedAt;
    }

    /**
     * A value is being written into a record.
     *
     * @return what is wrong with that; {@code null} if it is what people put right and the record does not say
     */
    @Nullable
    String write(WriteBacks.Order order) {
        Tale tale = tale(World.numberOf(order.record().key()));
        Heard heard = Objects.requireNonNull(tale.records.get(order.record()));
        int field = heard.type.indexOf(order.field());
        Field kind = heard.type.fields().get(field);
        String right = stored(kind, order.right());
        heard.written.put(order.ticket(), Map.entry(field, right));
        if (!heard.live || !stored(kind, order.says()).equals(Objects.requireNonNullElse(heard.values[field], ""))) {
            return "the record says something else";
        }
        boolean meant = tale.corrections.inForce().entrySet().stream()
                .anyMatch(c -> c.getValue().equals("STANDING") && tale.corrections.says(c.getKey(), field, right));
        return meant ? null : "nobody put that right";
    }

    /** A system does not take what was to be written. */
    void refuse(WriteBacks.Order order) {
        Tale tale = tale(World.numberOf(order.record().key()));
        Objects.requireNonNull(tale.records.get(order.record())).written.remove(order.ticket());
    }

    /** Whether whoever it speaks of was erased, whatever system says so. */
    private boolean speaksOfErased(Tale tale, ChangeEvent event, EntityType type) {
        int at = event.stream().fields().indexOf("idNumber");
        String number = at < 0 || !type.name().equals("Person") ? null : event.value(at);
        return number != null
                && !number.isEmpty()
                && tale.erased.containsKey(
                        stored(model.getType("Membership").getField("person"), "id-number:" + number));
    }

    /** A reference to somebody who was erased says that there is nothing. */
    private static void forget(Tale tale, EntityType type, @Nullable String[] values) {
        for (int i = 0; i < values.length; i++) {
            String value = values[i];
            if (type.fields().get(i).isReference() && value != null && tale.erased.containsKey(value)) {
                values[i] = "";
            }
        }
    }

    /** Somebody was erased: nothing of what was ever said of it was said. */
    void erase(int number, long erasure, long entity) {
        Tale tale = tale(number);
        Set<Long> ids = new TreeSet<>(Set.of(entity));
        tale.entities.values().stream().filter(k -> k.redirect == entity).forEach(k -> ids.add(k.id));
        Set<RecordRef> refs = new TreeSet<>();
        tale.records.values().stream().filter(h -> ids.contains(h.entity)).forEach(h -> refs.add(h.ref));
        Map<String, Set<Long>> holders = holders(tale);
        for (RecordRef ref : refs) {
            Heard heard = heard(tale, ref);
            tale.erased.put("record:" + ref.path(), erasure);
            if (heard.live) {
                for (PlainClustering.Link link : identifiers(heard.type, heard.values, true)) {
                    String held = link.name() + ":" + link.value();
                    if (ids.containsAll(holders.getOrDefault(held, Set.of()))) {
                        tale.erased.put(held, erasure);
                    }
                }
            }
        }
        for (long id : ids) {
            String named = numberOf(known(tale, id));
            if (named != null && ids.containsAll(holders.getOrDefault(named, Set.of()))) {
                tale.erased.put(named, erasure);
            }
        }
        tale.corrections.erase(
                refs,
                tale::placeOf,
                ref -> tale.records.containsKey(ref) ? heard(tale, ref).entity : null,
                ref -> tale.placeOf(ref) == null ? null : claim(heard(tale, ref)));
        tale.corrected.retainAll(tale.corrections.states().keySet());
        tale.decisions.replaceAll(d -> d.without(refs));
        tale.decisions.removeIf(Decided::isEmpty);
        for (RecordRef ref : refs) {
            PlainPairs of = pairs.get(heard(tale, ref).type.name());
            if (of != null) {
                of.remove(ref.path());
            }
            tale.records.remove(ref);
        }
        tale.records.values().forEach(h -> forget(tale, h.type, h.values));
        tale.entities.keySet().removeAll(ids);
        tale.gone.addAll(ids);
        stirred.add(number);
    }

    /** The number that was last published, as references have it. */
    private @Nullable String numberOf(Known known) {
        Object number = known.published.isEmpty() ? null : ((Map<?, ?>) known.published.get(0)).get("idNumber");
        return number == null
                ? null
                : stored(
                        model.getType("Membership").getField("person"),
                        "id-number:" + vault.open(String.valueOf(number)));
    }

    /** What an erasure keeps away may come again. */
    void lift(int number, long erasure) {
        tale(number).erased.values().removeIf(e -> e == erasure);
    }

    /** An id of a history that was erased; 0 where there is none. */
    long anyErased(int number) {
        return tale(number).gone.stream().findFirst().orElse(0L);
    }

    /** People of a history, retired ones included; those who led to others are not asked for. */
    List<Long> people(int number) {
        return tale(number).entities.values().stream()
                .filter(k -> k.type.name().equals("Person") && !k.status.equals("REDIRECTED"))
                .map(k -> k.id)
                .toList();
    }

    /** Not observed leaves what was; what the stream never carries says nothing. */
    private @Nullable String[] merged(@Nullable Heard heard, ChangeEvent event, EntityType type) {
        @Nullable String[] now = new String[type.fields().size()];
        for (int i = 0; i < event.stream().fields().size(); i++) {
            int field = type.findIndex(event.stream().fields().get(i)).orElseThrow();
            String said = event.value(i);
            now[field] = said != null
                    ? stored(type.fields().get(field), said)
                    : heard == null || !heard.live ? null : heard.values[field];
        }
        return now;
    }

    private static Set<Flag> flags(Heard heard, ChangeEvent event, EntityType type) {
        Set<Flag> flags = new HashSet<>(event.flags());
        for (Flag flag : heard.flags) {
            int at = event.stream().fields().indexOf(flag.field());
            if (heard.live && at >= 0 && event.value(at) == null) {
                flags.add(flag);
            }
        }
        return flags;
    }

    private String stored(Field field, String said) {
        if (said.isEmpty()) {
            return said;
        }
        if (field.isSensitive()) {
            return vault.seal(said);
        }
        if (field.isReference() && !said.startsWith("record:")) {
            String name = said.substring(0, said.indexOf(':'));
            IdentifierRule rule = model.findIdentifier(name).orElseThrow().rule();
            return name + ":"
                    + rule.valueOf(said.substring(name.length() + 1), vault).orElseThrow();
        }
        return said;
    }

    private @Nullable String[] compared(MatchRules by, EntityType type, @Nullable String[] values) {
        @Nullable String[] compared = new String[by.fields().size()];
        for (int i = 0; i < compared.length; i++) {
            int field = type.findIndex(by.fields().get(i).name()).orElseThrow();
            String value = values[field];
            compared[i] = value != null
                            && !value.isEmpty()
                            && type.fields().get(field).isSensitive()
                    ? vault.open(value)
                    : value;
        }
        return compared;
    }

    private void weigh(Heard heard) {
        PlainPairs of = pairs.get(heard.type.name());
        if (of != null) {
            of.put(heard.ref.path(), heard.ref.stream().toString(), compared(of.rules(), heard.type, heard.values));
        }
    }

    /** All by which a record could be found: identifiers and blocking keys. */
    private Set<Object> traces(EntityType type, @Nullable String[] values) {
        Set<Object> traces = new HashSet<>(identifiers(type, values, false));
        PlainPairs of = pairs.get(type.name());
        if (of != null) {
            PlainPairs.keys(of.rules(), compared(of.rules(), type, values))
                    .forEach(key -> traces.add(List.of(type.name(), key)));
        }
        return traces;
    }

    private List<PlainClustering.Link> identifiers(EntityType type, @Nullable String[] values, boolean linking) {
        @Nullable String[] said = values.clone();
        for (int i = 0; i < said.length; i++) {
            String value = said[i];
            said[i] = value == null || value.isEmpty() ? null : value;
        }
        List<PlainClustering.Link> held = new ArrayList<>();
        for (IdentifierRule rule : type.identifiers()) {
            if (rule.links() || !linking) {
                rule.valueOf(said, type, vault)
                        .ifPresent(v -> held.add(new PlainClustering.Link(rule.strength(), rule.name(), v)));
            }
        }
        return held;
    }

    /** What a proposal says of records, as the actions are documented. */
    Ruling ruling(long id, Action action, List<Long> entities, Collection<RecordRef> chosen, int number) {
        Tale tale = tale(number);
        SortedSet<RecordRef> first = known(tale, entities.get(0)).records;
        SortedSet<RecordRef> rest = new TreeSet<>(first);
        rest.removeAll(chosen);
        List<RecordRef> these = List.copyOf(new TreeSet<>(chosen));
        return switch (action) {
            case MERGE -> {
                SortedSet<RecordRef> all = new TreeSet<>();
                entities.forEach(e -> all.addAll(known(tale, e).records));
                yield new Ruling(id, List.copyOf(all), List.of(), List.of());
            }
            case NOT_DUPLICATE ->
                new Ruling(id, List.of(), List.copyOf(first), List.copyOf(known(tale, entities.get(1)).records));
            case SPLIT -> new Ruling(id, these, these, List.copyOf(rest));
            case UNLINK -> new Ruling(id, List.of(), these, List.copyOf(rest));
            case LINK -> {
                if (first.containsAll(chosen)) {
                    yield new Ruling(id, List.copyOf(first), List.of(), List.of());
                }
                SortedSet<RecordRef> same = new TreeSet<>(first);
                same.addAll(chosen);
                SortedSet<RecordRef> left = new TreeSet<>();
                for (RecordRef ref : chosen) {
                    left.addAll(known(tale, heard(tale, ref).entity).records);
                }
                left.removeAll(chosen);
                yield new Ruling(id, List.copyOf(same), left.isEmpty() ? List.of() : these, List.copyOf(left));
            }
        };
    }

    /** A person decided. */
    void decide(int number, String type, Ruling ruling) {
        Tale tale = tale(number);
        double strongest = -IDENTIFIER;
        for (RecordRef left : ruling.left()) {
            for (RecordRef right : ruling.right()) {
                strongest = Math.max(strongest, between(type, left, right));
                Heard a = heard(tale, left);
                Heard b = heard(tale, right);
                Set<Object> shared = new HashSet<>(identifiers(a.type, a.values, true));
                shared.retainAll(identifiers(b.type, b.values, true));
                strongest = shared.isEmpty() ? strongest : Math.max(strongest, IDENTIFIER);
            }
        }
        leaving = Set.copyOf(ruling.left());
        tale.decisions.add(new Decided(type, ruling, strongest, weakest(type, ruling.same())));
        stirred.add(number);
    }

    /** A person took a decision back. */
    void withdraw(int number, long decision) {
        tale(number).decisions.stream()
                .filter(d -> d.ruling.number() == decision)
                .forEach(d -> d.withdrawn = true);
        stirred.add(number);
    }

    /**
     * A value that a person could put right.
     *
     * @param text in clear; null: there is nothing
     */
    record Slip(
            long entity,
            String type,
            long version,
            String field,
            @Nullable String text) {}

    /** Something of a history that is not as another record has it; null where there is nothing. */
    @Nullable
    Slip slip(int number, List<String> fields, Random random) {
        Tale tale = tale(number);
        List<Known> live = tale.entities.values().stream()
                .filter(e -> e.status.equals("ACTIVE"))
                .toList();
        if (live.isEmpty()) {
            return null;
        }
        Known known = live.get(random.nextInt(live.size()));
        List<String> possible =
                fields.stream().filter(f -> known.type.findIndex(f).isPresent()).toList();
        if (possible.isEmpty()) {
            return null;
        }
        String field = possible.get(random.nextInt(possible.size()));
        int index = known.type.indexOf(field);
        List<String> said = tale.records.values().stream()
                .filter(h -> h.type.equals(known.type))
                .map(h -> h.values[index])
                .filter(v -> v != null && !v.isEmpty())
                .map(v -> known.type.fields().get(index).isSensitive() ? vault.open(v) : v)
                .filter(v -> !v.isBlank() && v.strip().equals(v))
                .distinct()
                .sorted()
                .toList();
        boolean nothing = said.isEmpty() || random.nextInt(8) == 0;
        String text = nothing ? "" : said.get(random.nextInt(said.size()));
        String now = goldenOf(tale, known).value(index);
        return stored(known.type.fields().get(index), text).equals(now == null ? "" : now)
                ? null
                : new Slip(known.id, known.type.name(), known.version, field, nothing ? null : text);
    }

    /** A person put it right. */
    void correct(int number, long id, Slip slip) {
        Tale tale = tale(number);
        Known known = known(tale, slip.entity);
        int field = known.type.indexOf(slip.field);
        tale.corrections.put(
                id,
                known.id,
                field,
                stored(known.type.fields().get(field), Objects.requireNonNullElse(slip.text, "")),
                goldenOf(tale, known),
                tale::placeOf);
        tale.corrected.add(id);
        stirred.add(number);
    }

    /** A correction was made for a time. */
    void until(int number, long correction, LocalDate last) {
        tale(number).corrections.until(correction, last);
    }

    /** A day begins. */
    void expire(LocalDate day) {
        tales.values().forEach(tale -> tale.corrections.expire(day));
        stirred.addAll(tales.keySet());
    }

    /** Corrections of a history that are in force, with their states. */
    Map<Long, String> corrections(int number) {
        return tale(number).corrections.inForce();
    }

    /** Whether any of its records is live. */
    boolean isPlaced(int number, long correction) {
        Tale tale = tale(number);
        return tale.corrections.entityOf(correction, tale::placeOf) != null;
    }

    /** A person took a correction back. */
    void withdrawCorrection(int number, long correction) {
        tale(number).corrections.withdraw(correction);
        stirred.add(number);
    }

    /** A person ended a conflict. */
    void resolve(int number, long correction, boolean keep) {
        Tale tale = tale(number);
        Long entity = tale.corrections.entityOf(correction, tale::placeOf);
        if (keep && entity != null) {
            tale.corrections.keep(correction, entity, claims(tale, known(tale, entity)), tale::placeOf);
        } else {
            tale.corrections.keepSource(correction);
        }
        stirred.add(number);
    }

    private double between(String type, RecordRef a, RecordRef b) {
        PlainPairs of = pairs.get(type);
        return of == null ? Double.NEGATIVE_INFINITY : of.between(a.path(), b.path());
    }

    private double weakest(String type, List<RecordRef> records) {
        double weakest = 0;
        if (pairs.containsKey(type)) {
            for (RecordRef a : records) {
                for (RecordRef b : records) {
                    if (!a.equals(b)) {
                        weakest = Math.min(weakest, between(type, a, b));
                    }
                }
            }
        }
        return weakest;
    }

    // What can be asked

    /** Live entities of a history by type, each with its records. */
    Map<String, Map<Long, SortedSet<RecordRef>>> entities(int number) {
        Map<String, Map<Long, SortedSet<RecordRef>>> live = new TreeMap<>();
        tale(number).entities.values().stream()
                .filter(e -> e.status.equals("ACTIVE"))
                .forEach(e -> live.computeIfAbsent(e.type.name(), t -> new TreeMap<>())
                        .put(e.id, e.records));
        return live;
    }

    long version(int number, long entity) {
        return known(tale(number), entity).version;
    }

    /** An entity of a history that is no more; 0 where there is none. */
    long anyGone(int number, Random random) {
        List<Known> gone = tale(number).entities.values().stream()
                .filter(e -> !e.status.equals("ACTIVE"))
                .toList();
        return gone.isEmpty() ? 0 : gone.get(random.nextInt(gone.size())).id;
    }

    /** The live entity to which another leads; 0 if none. */
    long redirect(int number, long entity) {
        Known to = tale(number).entities.get(known(tale(number), entity).redirect);
        return to != null && to.status.equals("ACTIVE") ? to.id : 0;
    }

    /** Decisions of a history that hold. */
    List<Long> decisions(int number) {
        return tale(number).decisions.stream()
                .filter(d -> !d.withdrawn)
                .map(d -> d.ruling.number())
                .toList();
    }

    private Tale tale(int number) {
        return tales.computeIfAbsent(number, n -> new Tale());
    }

    private static Known known(Tale tale, long entity) {
        return Objects.requireNonNull(tale.entities.get(entity));
    }

    private static Heard heard(Tale tale, RecordRef ref) {
        return Objects.requireNonNull(tale.records.get(ref));
    }

    long lastChange() {
        return lastChange;
    }

    // What must be

    /**
     * Works out what follows for the histories to which something happened, and compares.
     *
     * @param seen of all histories, or of the only one to which something happened
     * @return what is otherwise in the pool; empty where nothing is
     */
    List<String> settle(Seen seen) {
        List<String> wrong = new ArrayList<>();
        Map<Long, List<String>> told = new HashMap<>();
        for (Seen.Change change : seen.changes()) {
            told.computeIfAbsent(change.entity(), e -> new ArrayList<>()).add(change.operation());
            lastChange = Math.max(lastChange, change.seq());
            met.merge(change.operation(), 1, Integer::sum);
        }
        seen.places().values().forEach(place -> met.merge("by " + place.rule(), 1, Integer::sum));
        seen.reviews().values().forEach(review -> met.merge(review.kind(), 1, Integer::sum));
        long before = lastEntity;
        for (int number : new TreeSet<>(stirred)) {
            new Settling(number, tale(number), seen, told, before).run(wrong);
        }
        Set<Long> known = new HashSet<>();
        tales.values().forEach(t -> known.addAll(t.entities.keySet()));
        Set<Long> idle = new HashSet<>();
        tales.forEach((number, tale) -> {
            if (!stirred.contains(number)) {
                idle.addAll(tale.entities.keySet());
            }
        });
        tales.values()
                .forEach(tale -> tale.gone.forEach(id -> {
                    if (told.containsKey(id) && !told.remove(id).equals(List.of("ERASED"))) {
                        wrong.add("entity " + id + ", which was erased, changed");
                    }
                }));
        for (long id : told.keySet()) {
            if (idle.contains(id) || !known.contains(id)) {
                wrong.add("entity " + id + ", to which nothing happened, changed");
            }
        }
        seen.entities().keySet().stream()
                .filter(id -> !known.contains(id))
                .forEach(id -> wrong.add("nothing is entity " + id));
        stirred.clear();
        leaving = Set.of();
        return wrong;
    }

    /** Works out what follows, with numbers of its own; for a reference that is asked for the content alone. */
    void settleAlone() {
        for (int number : new TreeSet<>(stirred)) {
            new Settling(number, tale(number), null, Map.of(), lastEntity).alone();
        }
        stirred.clear();
    }

    /** What was met with, and how often. */
    Map<String, Integer> met() {
        return met;
    }

    /** The content hash of everything. */
    String contentHash() {
        ContentHash hash = new ContentHash();
        tales.forEach((number, tale) -> {
            Map<Long, Golden> goldens = goldens(tale);
            Map<String, Set<Long>> holders = holders(tale);
            goldens.forEach((id, golden) -> {
                SortedMap<String, String> anchors = new TreeMap<>();
                leads(tale, golden, holders)
                        .forEach((field, to) -> anchors.put(
                                field, known(tale, to).records.first().path()));
                hash.add(golden.anchor().path(), ContentHash.of(golden), anchors);
            });
        });
        return hash.hex();
    }

    /** How many live records there are. */
    long size() {
        return tales.values().stream()
                .flatMap(t -> t.records.values().stream())
                .filter(h -> h.live)
                .count();
    }

    private Map<Long, Golden> goldens(Tale tale) {
        Map<Long, Golden> goldens = new TreeMap<>();
        for (Known known : tale.entities.values()) {
            if (known.status.equals("ACTIVE")) {
                goldens.put(known.id, goldenOf(tale, known));
            }
        }
        return goldens;
    }

    private List<Claim> claims(Tale tale, Known known) {
        return known.records.stream().map(ref -> claim(heard(tale, ref))).toList();
    }

    private Golden goldenOf(Tale tale, Known known) {
        Golden golden = survivorship.of(known.type, claims(tale, known));
        return tale.corrections.over(known.id, golden, tale::placeOf);
    }

    private Claim claim(Heard heard) {
        List<Flag> flags = heard.flags.stream()
                .sorted(Comparator.comparing(Flag::field).thenComparing(Flag::code))
                .toList();
        int trust = Objects.requireNonNull(shapes.get(heard.ref.stream())).trust();
        return new Claim(heard.ref, trust, heard.values, flags, heard.statedAt);
    }

    /** Identifier, as references have it, to the entities that hold it. */
    private Map<String, Set<Long>> holders(Tale tale) {
        Map<String, Set<Long>> holders = new HashMap<>();
        for (Heard heard : tale.records.values()) {
            if (heard.live) {
                identifiers(heard.type, heard.values, false)
                        .forEach(l -> holders.computeIfAbsent(l.name() + ":" + l.value(), v -> new TreeSet<>())
                                .add(heard.entity));
            }
        }
        return holders;
    }

    /** Where references lead: to the entity of a live record, or to the one entity that holds an identifier. */
    private Map<String, Long> leads(Tale tale, Golden golden, Map<String, Set<Long>> holders) {
        Map<String, Long> leads = new TreeMap<>();
        for (int i = 0; i < golden.type().fields().size(); i++) {
            Field field = golden.type().fields().get(i);
            String value = golden.value(i);
            if (!field.isReference() || value == null) {
                continue;
            }
            if (value.startsWith("record:")) {
                String[] parts = value.substring(7).split("/", 3);
                Heard to = tale.records.get(new RecordRef(new StreamId(parts[0], parts[1]), parts[2]));
                if (to != null && to.live) {
                    leads.put(field.name(), to.entity);
                }
            } else {
                Set<Long> who = holders.getOrDefault(value, Set.of());
                if (who.size() == 1) {
                    leads.put(field.name(), who.iterator().next());
                }
            }
        }
        return leads;
    }

    /** One history after one transaction. */
    private final class Settling {
        private final int number;
        private final Tale tale;
        private final @Nullable Seen seen;
        private final Map<Long, List<String>> told;
        private final long newest;
        private final List<String> wrong = new ArrayList<>();
        private final Map<String, PlainClustering> clusterings = new HashMap<>();
        private final Map<String, List<PlainClustering.Pair>> possible = new HashMap<>();
        private final List<Group> groups = new ArrayList<>();
        private final Map<Long, String> fates = new HashMap<>();
        private Map<Long, Golden> goldens = Map.of();
        private final Map<Long, Map<String, Long>> leads = new HashMap<>();

        Settling(int number, Tale tale, @Nullable Seen seen, Map<Long, List<String>> told, long newest) {
            this.number = number;
            this.tale = tale;
            this.seen = seen;
            this.told = told;
            this.newest = newest;
        }

        void run(List<String> all) {
            Seen there = Objects.requireNonNull(seen);
            derive();
            corrections(there);
            goldens = goldens(tale);
            Map<String, Set<Long>> holders = holders(tale);
            goldens.forEach((id, golden) -> leads.put(id, leads(tale, golden, holders)));
            places(there);
            publish(there);
            reviews(there);
            tale.records.values().forEach(h -> h.wasLive = h.live);
            wrong.forEach(w -> all.add("history " + number + ": " + w));
        }

        private void corrections(Seen there) {
            for (Known known : tale.entities.values()) {
                if (known.status.equals("ACTIVE")) {
                    tale.corrections.judge(known.id, claims(tale, known), tale::placeOf);
                }
            }
            tale.corrections.states().forEach((id, state) -> {
                met.merge("correction " + state, 1, Integer::sum);
                if (!state.equals(there.corrections().get(id))) {
                    wrong.add("correction " + id + " is " + there.corrections().get(id) + ", not " + state);
                }
            });
        }

        void alone() {
            derive();
            tale.records.values().forEach(h -> h.wasLive = h.live);
        }

        private void derive() {
            cluster();
            keepIds();
            nameNew();
            end();
            for (Group group : groups) {
                Known known = known(tale, group.id);
                known.records = group.records;
                group.records.forEach(ref -> heard(tale, ref).entity = group.id);
            }
        }

        private List<Ruling> rulings() {
            return tale.decisions.stream()
                    .filter(d -> !d.withdrawn)
                    .map(d -> d.ruling)
                    .toList();
        }

        private void cluster() {
            Map<EntityType, List<Heard>> byType = new LinkedHashMap<>();
            tale.records.values().stream()
                    .filter(h -> h.live)
                    .forEach(h -> byType.computeIfAbsent(h.type, t -> new ArrayList<>())
                            .add(h));
            byType.forEach((type, live) -> {
                List<PlainClustering.Node> nodes = live.stream()
                        .map(h -> new PlainClustering.Node(
                                h.ref, isUnique(h.ref.stream()), identifiers(type, h.values, true)))
                        .toList();
                PlainClustering clustering = new PlainClustering(nodes, rulings(), weighed(type.name(), live));
                clusterings.put(type.name(), clustering);
                clustering.clusters().forEach(c -> groups.add(new Group(type, c)));
            });
            groups.sort(Comparator.comparing((Group g) -> g.records.first()));
        }

        private boolean isUnique(StreamId stream) {
            return Objects.requireNonNull(shapes.get(stream)).uniqueRecords();
        }

        private PlainClustering.@Nullable Weighed weighed(String type, List<Heard> live) {
            PlainPairs of = pairs.get(type);
            if (of == null) {
                return null;
            }
            Map<String, RecordRef> refs = new HashMap<>();
            live.forEach(h -> refs.put(h.ref.path(), h.ref));
            Set<String> unique = new HashSet<>();
            shapes.values().stream().filter(StreamShape::uniqueRecords).forEach(s -> unique.add(s.id().toString()));
            List<PlainClustering.Pair> found = of.possible(refs.keySet(), unique).stream()
                    .map(p -> new PlainClustering.Pair(ref(refs, p.first()), ref(refs, p.second()), p.score()))
                    .toList();
            possible.put(type, found);
            return new PlainClustering.Weighed(
                    found,
                    matchBits(type),
                    of.rules().match(),
                    of.rules().conflict(),
                    (a, b) -> of.between(a.path(), b.path()));
        }

        private static RecordRef ref(Map<String, RecordRef> refs, String path) {
            return Objects.requireNonNull(refs.get(path));
        }

        private double matchBits(String type) {
            double match = rulesOf(type).rules().match();
            return Weights.bits(match / (1 - match));
        }

        /**
         * The largest part of what an entity was keeps its id; ties go to the smaller id, then to the part that a person
         * did not take out, then to the one with the first record.
         */
        private void keepIds() {
            record Claimant(Group group, long id, int records) {}
            List<Claimant> claimants = new ArrayList<>();
            for (Group group : groups) {
                Map<Long, Integer> from = new HashMap<>();
                for (RecordRef ref : group.records) {
                    Heard heard = heard(tale, ref);
                    Known known = tale.entities.get(heard.entity);
                    // a record that comes back brings back the entity that ended with it
                    if (known != null && (heard.wasLive || known.status.equals("RETIRED"))) {
                        from.merge(known.id, 1, Integer::sum);
                    }
                }
                from.forEach((id, count) -> claimants.add(new Claimant(group, id, count)));
            }
            claimants.sort(Comparator.comparingInt((Claimant c) -> -c.records)
                    .thenComparingLong(Claimant::id)
                    .thenComparing(c -> leaving.containsAll(c.group.records))
                    .thenComparing(c -> c.group.records.first()));
            Set<Long> kept = new HashSet<>();
            for (Claimant claimant : claimants) {
                if (claimant.group.id == 0 && kept.add(claimant.id)) {
                    claimant.group.id = claimant.id;
                    Known known = known(tale, claimant.id);
                    if (!known.status.equals("ACTIVE")) {
                        fates.put(known.id, "RESTORED");
                    }
                }
            }
        }

        private void nameNew() {
            for (Group group : groups) {
                if (group.id != 0) {
                    continue;
                }
                long id = seen == null ? lastEntity + 1 : placeOf(group.records.first(), seen);
                if (id <= newest || tale.entities.containsKey(id)) {
                    wrong.add(names(group.records) + " are a new entity, not " + id);
                    // go on under a number that nobody has
                    id = -1000L * number - tale.entities.size() - 1;
                }
                group.id = id;
                lastEntity = Math.max(lastEntity, id);
                tale.entities.put(id, new Known(id, group.type));
                boolean left = group.records.stream().anyMatch(ref -> heard(tale, ref).wasLive);
                fates.put(id, left ? "SPLIT" : "CREATED");
            }
        }

        private static long placeOf(RecordRef ref, Seen seen) {
            Seen.Place place = seen.places().get(ref);
            return place == null ? 0 : place.entity();
        }

        /** An id without records leads to where most of them went; without any it is retired. */
        private void end() {
            Set<Long> kept = new HashSet<>();
            groups.forEach(g -> kept.add(g.id));
            Map<Long, Long> moved = new HashMap<>();
            for (Known known : tale.entities.values()) {
                if (kept.contains(known.id)) {
                    known.status = "ACTIVE";
                    known.redirect = 0;
                } else if (known.status.equals("ACTIVE")) {
                    long most = 0;
                    long heir = 0;
                    for (Group group : groups) {
                        long count = group.records.stream()
                                .filter(ref -> heard(tale, ref).wasLive && heard(tale, ref).entity == known.id)
                                .count();
                        if (count > most || count == most && count > 0 && group.id < heir) {
                            most = count;
                            heir = group.id;
                        }
                    }
                    known.status = heir == 0 ? "RETIRED" : "REDIRECTED";
                    known.redirect = heir;
                    known.records = new TreeSet<>();
                    fates.put(known.id, heir == 0 ? "RETIRED" : "MERGED");
                    moved.put(known.id, heir);
                }
            }
            // whoever led to an id that leads on leads on too
            for (Known known : tale.entities.values()) {
                long on = moved.getOrDefault(known.redirect, 0L);
                if (known.status.equals("REDIRECTED") && on != 0) {
                    known.redirect = on;
                }
            }
        }

        private void places(Seen seen) {
            for (Heard heard : tale.records.values()) {
                Seen.Place place = seen.places().get(heard.ref);
                if (!heard.live || place == null) {
                    if (heard.live || place != null) {
                        wrong.add(heard.ref.path() + " is " + (heard.live ? "lost" : "still there"));
                    }
                    continue;
                }
                String rule = Objects.requireNonNull(clusterings.get(heard.type.name()))
                        .rule(heard.ref);
                String decision = rule != null ? "MATCH" : isPossible(heard) ? "POSSIBLE_MATCH" : "NO_MATCH";
                String origin = "steward".equals(rule) ? "MANUAL" : "AUTO";
                Seen.Place right = new Seen.Place(heard.entity, decision, origin, rule);
                if (!right.equals(place)) {
                    wrong.add(heard.ref.path() + " is at " + place + ", not " + right);
                }
            }
        }

        /** Whether a record may be one with another elsewhere, of which nobody said that it is not. */
        private boolean isPossible(Heard heard) {
            for (PlainClustering.Pair pair : possible.getOrDefault(heard.type.name(), List.of())) {
                RecordRef other =
                        pair.a().equals(heard.ref) ? pair.b() : pair.b().equals(heard.ref) ? pair.a() : null;
                if (other != null
                        && heard(tale, other).entity != heard.entity
                        && rulings().stream().noneMatch(r -> r.keepsApart(heard.ref, other))) {
                    return true;
                }
            }
            return false;
        }

        private void publish(Seen seen) {
            for (Known known : tale.entities.values()) {
                Seen.Entity entity = seen.entities().get(known.id);
                if (entity == null) {
                    wrong.add("entity " + known.id + " is not there");
                    continue;
                }
                String fate = fates.get(known.id);
                List<String> operations = told.getOrDefault(known.id, List.of());
                boolean changed = fate != null;
                boolean elsewhere = false;
                Golden golden = goldens.get(known.id);
                if (golden != null) {
                    Map<String, Long> leads = leadsOf(known.id);
                    Map<String, String> fields = new TreeMap<>();
                    List<Object> flags = new ArrayList<>();
                    for (int i = 0; i < known.type.fields().size(); i++) {
                        Field field = known.type.fields().get(i);
                        String value = field.isReference()
                                ? leads.containsKey(field.name()) ? String.valueOf(leads.get(field.name())) : null
                                : golden.value(i);
                        if (value != null) {
                            fields.put(field.name(), value);
                            flags.add(field.isReference() ? List.of() : golden.flags(i));
                        }
                    }
                    List<Object> published = List.of(fields, flags);
                    changed |= !published.equals(known.published);
                    known.published = published;
                    List<Object> provenance = provenance(golden);
                    elsewhere = !provenance.equals(known.provenance);
                    known.provenance = provenance;
                    if (!fields.equals(entity.fields())) {
                        wrong.add("entity " + known.id + " publishes " + difference(entity.fields(), fields));
                    }
                    if (!entity.anchor().equals(golden.anchor().path()) || entity.records() != known.records.size()) {
                        wrong.add("entity " + known.id + " has " + entity.records() + " records from " + entity.anchor()
                                + " on, not " + names(known.records));
                    }
                }
                if (!entity.status().equals(known.status) || entity.redirect() != known.redirect) {
                    wrong.add("entity " + known.id + " is " + entity.status() + " to " + entity.redirect() + ", not "
                            + known.status + " to " + known.redirect);
                }
                if ((changed || elsewhere) != entity.version() > known.version) {
                    wrong.add("entity " + known.id + " changed: " + changed + " " + elsewhere + ", version "
                            + known.version + " to " + entity.version());
                }
                known.version = entity.version();
                List<String> identity =
                        operations.stream().filter(o -> !o.equals("UPDATED")).toList();
                if (!identity.equals(fate == null ? List.of() : List.of(fate)) || changed == operations.isEmpty()) {
                    wrong.add("entity " + known.id + " changed: " + changed + ", was " + fate
                            + ", the change log tells " + operations);
                }
            }
        }

        private static List<Object> provenance(Golden golden) {
            List<Object> provenance = new ArrayList<>();
            golden.claims().forEach(c -> provenance.add(c.ref()));
            for (int i = 0; i < golden.type().fields().size(); i++) {
                var winner = golden.winner(i);
                if (winner != null) {
                    boolean refers = golden.type().fields().get(i).isReference();
                    String path = winner.ref().path();
                    provenance.add(i + " " + path + " " + golden.rule(i) + (refers ? winner.value(i) : ""));
                }
            }
            return provenance;
        }

        private Map<String, Long> leadsOf(long id) {
            return leads.getOrDefault(id, Map.of());
        }

        private static String difference(Map<String, String> seen, Map<String, String> right) {
            Map<String, String> other = new TreeMap<>();
            Set<String> fields = new TreeSet<>(seen.keySet());
            fields.addAll(right.keySet());
            for (String field : fields) {
                if (!Objects.equals(seen.get(field), right.get(field))) {
                    other.put(field, seen.get(field) + " not " + right.get(field));
                }
            }
            return other.toString();
        }

        // What waits for a person

        private void reviews(Seen seen) {
            Map<List<Long>, Seen.Review> right = new HashMap<>();
            for (Map.Entry<String, List<PlainClustering.Pair>> e : possible.entrySet()) {
                for (PlainClustering.Pair pair : e.getValue()) {
                    long a = heard(tale, pair.a()).entity;
                    long b = heard(tale, pair.b()).entity;
                    if (a != b && !isForbidden(e.getKey(), a, b)) {
                        List<Long> both = List.of(Math.min(a, b), Math.max(a, b));
                        Seen.Review known = right.get(both);
                        float weight = known == null ? pair.score() : Math.max(known.weight(), pair.score());
                        right.put(both, review(e.getKey(), "POSSIBLE_DUPLICATE", weight, both, 0));
                    }
                }
            }
            Map<List<Long>, Seen.Review> waiting = new HashMap<>();
            right.forEach((both, review) -> {
                Decided held = heldApart(both);
                if (held == null) {
                    waiting.put(both, review);
                } else if (review.weight() > matchBits(review.type()) && review.weight() > held.strongest + NEWS) {
                    waiting.put(both, review(review.type(), "CHALLENGED", review.weight(), both, held.ruling.number()));
                }
            });
            for (Known known : tale.entities.values()) {
                if (known.status.equals("ACTIVE") && rules.containsKey(known.type.name())) {
                    challengedMerger(known, waiting);
                }
            }
            Map<List<Long>, Seen.Review> there = new HashMap<>();
            seen.reviews().forEach((both, review) -> {
                if (tale.entities.containsKey(both.get(0)) || tale.entities.containsKey(both.get(1))) {
                    there.put(both, review);
                }
            });
            if (!there.equals(waiting)) {
                Set<List<Long>> all = new HashSet<>(there.keySet());
                all.addAll(waiting.keySet());
                for (List<Long> both : all) {
                    if (!Objects.equals(there.get(both), waiting.get(both))) {
                        wrong.add("of " + both + " waits " + there.get(both) + ", not " + waiting.get(both));
                    }
                }
            }
        }

        /** Whether a rule forbids that a record of the one entity is one with a record of the other. */
        private boolean isForbidden(String type, long left, long right) {
            for (RecordRef a : Objects.requireNonNull(tale.entities.get(left)).records) {
                for (RecordRef b : Objects.requireNonNull(tale.entities.get(right)).records) {
                    if (between(type, a, b) <= FORBIDDEN) {
                        return true;
                    }
                }
            }
            return false;
        }

        /** The latest decision that keeps a record of the one apart from a record of the other. */
        private @Nullable Decided heldApart(List<Long> both) {
            Decided latest = null;
            for (Decided decided : tale.decisions) {
                boolean holds = !decided.withdrawn
                        && (isIn(decided.ruling.left(), both.get(0)) && isIn(decided.ruling.right(), both.get(1))
                                || isIn(decided.ruling.left(), both.get(1))
                                        && isIn(decided.ruling.right(), both.get(0)));
                if (holds && (latest == null || decided.ruling.number() > latest.ruling.number())) {
                    latest = decided;
                }
            }
            return latest;
        }

        private boolean isIn(List<RecordRef> records, long entity) {
            return records.stream().map(tale.records::get).anyMatch(h -> h != null && h.live && h.entity == entity);
        }

        /**
         * The latest decision that joined records which by now speak strongly against it, unless a later one joined them
         * all once more.
         */
        private void challengedMerger(Known known, Map<List<Long>, Seen.Review> waiting) {
            String type = known.type.name();
            for (Decided decided : tale.decisions) {
                if (decided.withdrawn || !decided.type.equals(type)) {
                    continue;
                }
                List<RecordRef> here = decided.ruling.same().stream()
                        .filter(known.records::contains)
                        .toList();
                boolean saidAgain = tale.decisions.stream()
                        .anyMatch(later -> !later.withdrawn
                                && later.type.equals(type)
                                && later.ruling.number() > decided.ruling.number()
                                && later.ruling.same().containsAll(here));
                double against = weakest(type, here);
                if (!saidAgain && against < rulesOf(type).rules().conflict() && against < decided.weakest - NEWS) {
                    List<Long> both = List.of(known.id, known.id);
                    waiting.put(both, review(type, "CHALLENGED", (float) against, both, decided.ruling.number()));
                }
            }
        }

        /** Source records of both, and records that refer to either. */
        private Seen.Review review(String type, String kind, float weight, List<Long> both, long decision) {
            int effect = 0;
            for (long id : new HashSet<>(both)) {
                effect += known(tale, id).records.size();
            }
            for (Map<String, Long> references : leads.values()) {
                for (long to : references.values()) {
                    effect += both.contains(to) ? 1 : 0;
                }
            }
            return new Seen.Review(type, kind, weight, effect, decision);
        }

        private static String names(Collection<RecordRef> refs) {
            return refs.stream().map(RecordRef::path).toList().toString();
        }
    }
}
