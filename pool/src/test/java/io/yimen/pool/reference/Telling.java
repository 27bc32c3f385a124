package io.yimen.pool.reference;

import io.yimen.pool.PoolException;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.Rebuild;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.TestDatabase;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.Keep;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.Request;
import io.yimen.pool.correction.WriteBacks;
import io.yimen.pool.erasure.ErasurePolicy;
import io.yimen.pool.erasure.ErasureRules;
import io.yimen.pool.erasure.Erasures;
import io.yimen.pool.erasure.Remnants;
import io.yimen.pool.identity.Ruling;
import io.yimen.pool.identity.match.Learned;
import io.yimen.pool.identity.match.MatchRules;
import io.yimen.pool.internal.RuleStore;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.run.Counts;
import io.yimen.pool.steward.Action;
import io.yimen.pool.steward.Effect;
import io.yimen.pool.steward.Proposal;
import io.yimen.pool.steward.RuleBook;
import io.yimen.pool.steward.Stewardship;
import io.yimen.pool.survivorship.SurvivorshipRules;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Tells many histories at once to one pool, step by step, and the same to the reference; after every transaction the two
 * must agree. Nothing of one history occurs in another, so that each is a history of its own.
 */
final class Telling {
    static final PoolModel MODEL = PoolModel.standard();
    private static final Scope ALL = Scope.everything("steward");
    private static final Authority PERSON = new Authority(ALL, true, Set.of("*"));
    /** Fields whose values anybody may say. */
    private static final List<String> CORRECTED =
            List.of("name", "sex", "birthDate", "legalPerson", "address", "status", "county", "level");

    private static final LocalDate TODAY = LocalDate.now(Corrections.ZONE);
    private static final Instant WRITE_TIME = Instant.parse("2040-01-01T00:00:00Z");

    /** Every system takes what its records carry. */
    private static final Policy WRITING = Policy.standard()
            .writing(Shapes.ALL.stream()
                    .collect(Collectors.toMap(StreamShape::id, s -> Set.copyOf(s.fields()), (one, other) -> one)));

    private static final Scope CLERK = Scope.everything("clerk");
    /** Nothing is to be kept, so that all that is asked for is done. */
    private static final ErasureRules ERASING = ErasureRules.read(MODEL, "rules", """
            types: [Person]
            grounds: {consent: {label: {zh: 撤回同意, en: withdrawn}, law: {zh: 第四十七条, en: Article 47}}}
            holds: {}
            """);

    private static final List<String> RULED = List.of("Person", "Organization", "Place");

    private static final String LIVE_RECORDS = """
            select count(*) from pool.source_record r join pool.stream s on s.id = r.stream_id
             where not r.deleted and s.entity_type = '%s'
            """;
    private static final String LIVE_ENTITIES =
            "select count(*) from pool.entity where status = 'ACTIVE' and entity_type = '%s'";
    private static final String POSSIBLE =
            "select count(*) from pool.review where kind = 'POSSIBLE_DUPLICATE' and entity_type = '%s'";

    /** Keys that many share. */
    private static final Map<String, List<String>> BROAD = Map.of(
            "Person",
            List.of(
                    "key: [birthDate]",
                    "key: [phone.line], refine: [name.surname-sound, sex]",
                    "key: [address.compound], refine: [sex, birthDate.year, name.surname-sound]"),
            "Organization",
            List.of("key: [town.core]", "key: [town.core], refine: [name.start, divisionCode, phone.line]"),
            "Place",
            List.of("key: [town.core]", "key: [town.core], refine: [name.end, name.start]"));

    /**
     * How histories are told.
     *
     * @param keys records of each stream in each history, at most
     * @param events in each step and history, at most
     * @param decisions in each step, over all histories
     * @param erasures in each step, over all histories
     */
    record Plan(int histories, int keys, int steps, int events, int decisions, int erasures) {}

    private final long seed;
    private final Plan plan;
    private final Random random;
    private final DataSource database;
    private final Outages outages;
    private final List<PostgresPool> pools = new ArrayList<>();
    private final List<Stewardship> stewards = new ArrayList<>();
    private final List<Corrections> desks = new ArrayList<>();
    private final List<WriteBacks> writeBacks = new ArrayList<>();
    private final List<Erasures> erasers = new ArrayList<>();
    private final Map<Long, Integer> erased = new TreeMap<>();
    private final Map<String, Integer> versions = new HashMap<>();
    private final Map<String, StreamShape> shapes = new HashMap<>();
    private final Reference reference;
    private final List<World> worlds = new ArrayList<>();
    private final boolean breaks;
    private final long run;
    private long position = 1;
    private int transactions;
    private int decisions;
    private int rulesChanged;
    private int corrections;
    private int written;
    private int erasures;
    private int lifted;
    private int broken;

    /** @param database emptied first */
    Telling(long seed, Plan plan, DataSource database) {
        this.seed = seed;
        this.plan = plan;
        this.random = new Random(seed);
        this.database = database;
        this.outages = new Outages(database);
        empty(database);
        int writers = random.nextInt(5) == 0 ? 2 : 1;
        this.breaks = random.nextInt(3) == 0;
        for (int i = 0; i < writers; i++) {
            PostgresPool pool = new PostgresPool(outages.dataSource(), MODEL, TestDatabase.VAULT, Clock.systemUTC());
            pools.add(pool);
            ScopedReads reads =
                    new ScopedReads(database, MODEL, TestDatabase.VAULT, new Audit(database, Clock.systemUTC()));
            stewards.add(pool.stewardship(reads));
            desks.add(pool.corrections(reads, WRITING));
            writeBacks.add(pool.writeBacks(reads, WRITING));
            erasers.add(pool.erasures(reads, new ErasurePolicy(true, ERASING)));
        }
        this.reference = new Reference(MODEL, TestDatabase.VAULT, RuleStore.bundled(MODEL));
        for (StreamShape shape : Shapes.ALL) {
            // some systems are connected later
            if (random.nextInt(5) > 0) {
                declare(shape);
            }
        }
        this.run = pools.get(0).openRun("test", "test", "stream", OptionalLong.empty());
        World.Words words = new World.Words(random);
        for (int i = 0; i < plan.histories; i++) {
            worlds.add(new World(i, random.nextLong(), words, plan.keys));
        }
    }

    static void empty(DataSource database) {
        TestDatabase.run(database, """
                truncate pool.source, pool.stream, pool.source_record, pool.identifier, pool.entity, pool.reference,
                         pool.place_scope, pool.change, pool.feed_offset, pool.run, pool.run_count, pool.quarantine,
                         pool.rule_set, pool.decision, pool.decision_record, pool.review, pool.audit, pool.correction,
                         pool.correction_record, pool.correction_event, pool.evidence, pool.ticket, pool.erasure, pool.tombstone cascade;
                update pool.change_head set seq = 0, at = '-infinity';
                update pool.identity_state set corrections = 0, writes = 0,
                       erasures = erasures + 1
                """);
    }

    /** Tells all of it. */
    void tell() {
        if (random.nextInt(3) == 0) {
            // before anything is known, so that everything comes in under these rules
            RULED.forEach(this::rule);
            settle("");
        }
        for (int step = 0; step < plan.steps; step++) {
            speak(step);
            for (int i = 0; i < plan.decisions && step > 0; i++) {
                decide();
                correct();
            }
            if (random.nextInt(3) == 0) {
                writeBack();
            }
            if (random.nextInt(3) == 0) {
                expire();
            }
            for (int i = 0; i < plan.erasures && step > 0; i++) {
                erase();
            }
            if (step > 0 && random.nextInt(2) == 0) {
                change();
            }
        }
        finish();
    }

    /** What was met with, and how often. */
    Map<String, Integer> met() {
        Map<String, Integer> met = new HashMap<>(reference.met());
        met.put("transactions", transactions);
        met.put("decisions", decisions);
        met.put("rules", rulesChanged);
        met.put("corrections", corrections);
        met.put("written back", written);
        met.put("erasures", erasures);
        met.put("lifted", lifted);
        met.put("outages", broken);
        return met;
    }

    private void finish() {
        String hash = pools.get(0).contentHash();
        if (!hash.equals(reference.contentHash())) {
            throw new AssertionError("the content hash is another");
        }
        if (random.nextInt(3) > 0) {
            return;
        }
        Rebuild.Report report = new Rebuild(database, MODEL, TestDatabase.VAULT).verify();
        if (!report.agrees() || report.records() != reference.size()) {
            throw new AssertionError("rebuilt otherwise: " + report.differences());
        }
        Remnants.Report left = new Remnants(database, MODEL, TestDatabase.VAULT).search(List.of());
        check(left.isClean(), "something is left: " + left.found());
    }

    private void speak(int step) {
        List<ChangeEvent> events = new ArrayList<>();
        for (World world : worlds) {
            int count = step == 0 ? plan.events : random.nextInt(plan.events + 1);
            for (int i = 0; i < count; i++) {
                ChangeEvent event = world.next(position++);
                if (shapes.containsKey(event.stream().id().toString()) && reference.take(event)) {
                    events.add(event);
                }
            }
        }
        Batch batch = new Batch(run, "test", "step " + step, events, List.of(), List.of());
        Tried<Map<?, Counts>> tried = attempt(30, () -> pool().apply(batch).counts());
        if (tried.outage == Outages.At.COMMITTED || tried.outage == null && random.nextInt(6) == 0) {
            long applied = pool().apply(batch).counts().values().stream()
                    .mapToLong(c -> c.applied() + c.unchanged())
                    .sum();
            check(applied == 0, "what was told before was taken for news");
        }
        settle("");
    }

    private PostgresPool pool() {
        return pools.get(random.nextInt(pools.size()));
    }

    private Stewardship steward() {
        return stewards.get(random.nextInt(stewards.size()));
    }

    /** @param outage what broke before it went through; {@code COMMITTED}: it had gone through */
    private record Tried<T>(T result, Outages.@Nullable At outage) {}

    /** Does it; at times the connection breaks first, and it is done once more unless it went through. */
    private <T> Tried<T> attempt(int statements, Supplier<T> work) {
        transactions++;
        Outages.At at = null;
        if (breaks && random.nextInt(4) == 0) {
            at = Outages.At.values()[random.nextInt(3)];
            outages.arm(at, random.nextInt(statements));
            try {
                T result = work.get();
                check(!outages.disarm(), "a broken connection was not told of");
                return new Tried<>(result, null);
            } catch (PoolException e) {
                if (!outages.disarm()) {
                    throw e;
                }
                broken++;
                check(e.kind() == PoolException.Kind.RETRY, "a broken connection is " + e.kind());
            }
        }
        return new Tried<>(work.get(), at);
    }

    // Decisions

    private void decide() {
        int number = random.nextInt(plan.histories);
        List<Long> made = reference.decisions(number);
        if (!made.isEmpty() && random.nextInt(3) == 0) {
            long decision = made.get(random.nextInt(made.size()));
            Effect preview = random.nextInt(4) == 0 ? steward().previewWithdrawal(ALL, decision) : null;
            reference.withdraw(number, decision);
            try {
                Effect effect = attempt(40, () -> steward().withdraw(ALL, decision, "taken back"))
                        .result
                        .effect();
                check(preview == null || preview.equals(unnamed(effect)), "the preview told otherwise");
            } catch (PoolException e) {
                // it went through before the connection broke
                check(e.kind() == PoolException.Kind.CONFLICT, "withdrawn twice: " + e.kind());
            }
            settle(World.prefix(number));
            return;
        }
        Proposal proposal = proposal(number);
        if (proposal == null) {
            return;
        }
        if (random.nextInt(6) == 0) {
            ask(number, proposal);
        }
        List<Long> ids = proposal.entities().stream().map(Proposal.Seen::id).toList();
        Ruling expected = reference.ruling(0, proposal.action(), ids, proposal.records(), number);
        Effect preview = random.nextInt(4) == 0 ? steward().preview(ALL, proposal) : null;
        long before = lastDecision();
        long id;
        Outages.At outage = null;
        if (breaks && random.nextInt(4) == 0) {
            outage = Outages.At.values()[random.nextInt(3)];
            outages.arm(outage, random.nextInt(40));
            try {
                steward().decide(ALL, proposal);
                check(!outages.disarm(), "a broken connection was not told of");
                outage = Outages.At.COMMITTED;
            } catch (PoolException e) {
                if (!outages.disarm()) {
                    throw e;
                }
                broken++;
                check(e.kind() == PoolException.Kind.RETRY, "a broken connection is " + e.kind());
            }
        }
        transactions++;
        decisions++;
        if (outage == Outages.At.COMMITTED) {
            id = lastDecision();
            check(id > before, "a decision is lost");
        } else {
            check(lastDecision() == before, "a decision that failed is there");
            Stewardship.Decided decided = steward().decide(ALL, proposal);
            id = decided.decision().id();
            check(
                    decided.decision().same().equals(expected.same())
                            && decided.decision().left().equals(expected.left())
                            && decided.decision().right().equals(expected.right()),
                    proposal.action() + " says something else of records");
            check(preview == null || preview.equals(unnamed(decided.effect())), "the preview told otherwise");
        }
        Ruling ruling = new Ruling(id, expected.same(), expected.left(), expected.right());
        reference.decide(number, typeOf(number, ids.get(0)), ruling);
        settle(World.prefix(number));
    }

    /** Asks the same of what is outdated, merged or retired; that nothing changed shows when what follows is settled. */
    private void ask(int number, Proposal proposal) {
        Proposal.Seen seen = proposal.entities().get(0);
        long gone = reference.anyGone(number, random);
        long other = gone == 0 ? seen.id() : gone;
        long version = gone == 0 ? reference.version(number, seen.id()) + 1 + random.nextInt(2) : 0;
        long into = reference.redirect(number, other);
        List<Proposal.Seen> entities = new ArrayList<>(proposal.entities());
        entities.set(0, new Proposal.Seen(other, version));
        try {
            steward().decide(ALL, new Proposal(proposal.action(), entities, proposal.records(), proposal.reason()));
        } catch (PoolException e) {
            boolean right = gone == 0
                    ? e.code().filter(PoolException.Code.STALE_VERSION::equals).isPresent()
                    : into == 0
                            ? e.kind() == PoolException.Kind.NOT_FOUND
                            : e.redirectTo().orElse(0) == into;
            check(
                    right,
                    "a bad " + proposal.action() + " is " + e.kind() + ": " + e.getMessage() + "; gone " + gone
                            + ", leads to " + into);
            return;
        }
        throw new AssertionError("a bad proposal was taken");
    }

    // Corrections

    private void correct() {
        int number = random.nextInt(plan.histories);
        Corrections desk = desks.get(random.nextInt(desks.size()));
        Map<Long, String> inForce = reference.corrections(number);
        List<Long> known = List.copyOf(inForce.keySet());
        long one = known.isEmpty() ? 0 : known.get(random.nextInt(known.size()));
        if (one != 0 && reference.isPlaced(number, one) && random.nextInt(3) == 0) {
            if ("IN_CONFLICT".equals(inForce.get(one))) {
                boolean keep = random.nextBoolean();
                desk.resolve(PERSON, one, keep ? Keep.CORRECTION : Keep.SOURCE, "looked at it");
                reference.resolve(number, one, keep);
            } else {
                desk.withdraw(PERSON, one, "a slip");
                reference.withdrawCorrection(number, one);
            }
        } else {
            Reference.Slip slip = reference.slip(number, CORRECTED, random);
            if (slip == null) {
                return;
            }
            LocalDate last = random.nextInt(4) == 0 ? TODAY.plusDays(1 + random.nextInt(3)) : null;
            Request request = new Request(
                    slip.type(),
                    slip.entity(),
                    random.nextBoolean() ? 0 : slip.version(),
                    slip.field(),
                    slip.text(),
                    "as the card shows",
                    last,
                    List.of());
            long made = desk.propose(PERSON, request).id();
            reference.correct(number, made, slip);
            if (last != null) {
                reference.until(number, made, last);
            }
        }
        transactions++;
        corrections++;
        settle(World.prefix(number));
    }

    /** Some days later. */
    private void expire() {
        LocalDate day = TODAY.plusDays(1 + random.nextInt(4));
        desks.get(random.nextInt(desks.size())).sweep(day);
        reference.expire(day);
        transactions++;
        settle("");
    }

    /** Systems take what was put right in them, sooner or later or never, and tell of it, alone or with a clerk's news. */
    private void writeBack() {
        WriteBacks writer = writeBacks.get(random.nextInt(writeBacks.size()));
        List<ChangeEvent> told = new ArrayList<>();
        List<Long> late = new ArrayList<>();
        for (String source : List.of("a", "b", "c")) {
            for (WriteBacks.Order order : writer.take(source, 30)) {
                String wrong = reference.write(order);
                check(wrong == null, order + ": " + wrong);
                written++;
                int fate = random.nextInt(6);
                if (fate == 0) {
                    // it is away
                    continue;
                }
                if (fate == 1) {
                    writer.refused(order.ticket(), "constraint");
                    reference.refuse(order);
                    continue;
                }
                told.add(echo(order));
                if (random.nextBoolean()) {
                    writer.written(order.ticket());
                } else if (random.nextBoolean()) {
                    late.add(order.ticket());
                }
            }
        }
        told.removeIf(event -> !reference.take(event));
        pool().apply(new Batch(run, "test", "echoes", told, List.of(), List.of()));
        late.forEach(writer::written);
        transactions++;
        settle("");
    }

    private ChangeEvent echo(WriteBacks.Order order) {
        StreamShape shape =
                Objects.requireNonNull(shapes.get(order.record().stream().toString()));
        @Nullable String[] values = new String[shape.fields().size()];
        values[shape.fields().indexOf(order.field())] = order.right();
        if (random.nextInt(4) == 0) {
            // a clerk was at it too
            values[shape.fields().indexOf(random.nextBoolean() ? "name" : order.field())] = "";
        }
        return ChangeEvent.upserted(
                shape,
                order.record().key(),
                Position.of(position++),
                values,
                List.of(),
                WRITE_TIME.plusSeconds(position));
    }

    // Erasures

    private void erase() {
        int number = random.nextInt(plan.histories);
        Erasures desk = erasers.get(random.nextInt(erasers.size()));
        Long known = erased.keySet().stream()
                .filter(e -> number == Objects.requireNonNull(erased.get(e)))
                .findFirst()
                .orElse(null);
        if (known != null && random.nextInt(3) == 0) {
            erased.remove(known);
            desk.lift(CLERK, known, "came back");
            reference.lift(number, known);
            lifted++;
            return;
        }
        List<Long> people = reference.people(number);
        if (people.isEmpty()) {
            return;
        }
        long entity = people.get(random.nextInt(people.size()));
        long gone = reference.anyErased(number);
        if (gone != 0) {
            try {
                desk.request(CLERK, new Erasures.Request("Person", gone, 0, "consent", "once more"));
                throw new AssertionError("erased twice");
            } catch (PoolException e) {
                check(e.code().filter(PoolException.Code.ERASED::equals).isPresent(), "erased twice: " + e);
            }
        }
        long erasure = desk.request(CLERK, new Erasures.Request("Person", entity, 0, "consent", "as was asked"))
                .id();
        String token = desk.preview(CLERK, erasure).token();
        try {
            attempt(60, () -> desk.accept(ALL, erasure, token));
        } catch (PoolException e) {
            // it went through before the connection broke
            check(e.kind() == PoolException.Kind.CONFLICT, "accepted twice: " + e.kind());
        }
        reference.erase(number, erasure, entity);
        erased.put(erasure, number);
        erasures++;
        settle(World.prefix(number));
    }

    private long lastDecision() {
        return Long.parseLong(TestDatabase.text(database, "select coalesce(max(id), 0) from pool.decision"));
    }

    private static Effect unnamed(Effect effect) {
        return new Effect(effect.outcomes().stream()
                .map(o -> o.fate() != Effect.Fate.NEW
                        ? o
                        : new Effect.Outcome(
                                0,
                                o.entityType(),
                                o.fate(),
                                o.into(),
                                o.title(),
                                o.recordsBefore(),
                                o.recordsAfter(),
                                o.values()))
                .toList());
    }

    private String typeOf(int number, long entity) {
        return reference.entities(number).entrySet().stream()
                .filter(e -> e.getValue().containsKey(entity))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    private @Nullable Proposal proposal(int number) {
        List<Map<Long, SortedSet<RecordRef>>> byType =
                List.copyOf(reference.entities(number).values());
        if (byType.isEmpty()) {
            return null;
        }
        Map<Long, SortedSet<RecordRef>> entities = byType.get(random.nextInt(byType.size()));
        List<Long> ids = new ArrayList<>(entities.keySet());
        Collections.shuffle(ids, random);
        Action action = Action.values()[random.nextInt(Action.values().length)];
        Set<RecordRef> records = new TreeSet<>();
        int count = 1;
        switch (action) {
            case MERGE, NOT_DUPLICATE -> count = action == Action.MERGE ? 2 + random.nextInt(2) : 2;
            case SPLIT, UNLINK -> {
                ids.removeIf(id -> entities.getOrDefault(id, new TreeSet<>()).size() < 2);
                if (!ids.isEmpty()) {
                    List<RecordRef> all = new ArrayList<>(entities.get(ids.get(0)));
                    Collections.shuffle(all, random);
                    records.addAll(all.subList(0, 1 + random.nextInt(all.size() - 1)));
                }
            }
            case LINK -> {
                SortedSet<RecordRef> own = entities.getOrDefault(ids.get(0), new TreeSet<>());
                if (own.size() > 1 && random.nextInt(3) == 0) {
                    records.addAll(own);
                }
                for (long id : ids.subList(Math.min(1, ids.size()), ids.size())) {
                    if (records.isEmpty() || !own.containsAll(records) && random.nextInt(4) == 0) {
                        List<RecordRef> all = new ArrayList<>(entities.get(id));
                        records.add(all.get(random.nextInt(all.size())));
                    }
                }
                count = records.isEmpty() ? 99 : 1;
            }
        }
        if (ids.size() < count) {
            return null;
        }
        List<Proposal.Seen> seen = ids.subList(0, count).stream()
                .map(id -> new Proposal.Seen(id, random.nextBoolean() ? 0 : reference.version(number, id)))
                .toList();
        return new Proposal(action, seen, List.copyOf(records), "as the file shows");
    }

    // Rules

    private void change() {
        switch (random.nextInt(4)) {
            case 0 -> {
                StreamShape shape = Shapes.ALL.get(random.nextInt(Shapes.ALL.size()));
                StreamShape known = shapes.get(shape.id().toString());
                declare(known == null ? shape : Shapes.turned(known));
            }
            case 1 -> survive();
            default -> rule(RULED.get(random.nextInt(RULED.size())));
        }
        settle("");
    }

    private void declare(StreamShape shape) {
        String source = shape.id().source();
        pool().declare(new SourceInfo(source, source, source, "街道"), List.of(shape));
        shapes.put(shape.id().toString(), shape);
        reference.declare(shape);
    }

    private void rule(String type) {
        String match = List.of("0.5", "0.9", "0.98", "0.9999").get(random.nextInt(4));
        String possible = List.of("0.02", "0.2", "0.4").get(random.nextInt(3));
        int cap = List.of(2, 3, 5, 12, 40).get(random.nextInt(5));
        String document = document(type)
                .replaceAll("match: [0-9.]+, possible: [0-9.]+", "match: " + match + ", possible: " + possible)
                .replaceAll("cap: [0-9]+", "cap: " + cap);
        if (random.nextBoolean()) {
            List<String> keys = Objects.requireNonNull(BROAD.get(type));
            document = document.replaceAll(
                    "(?s)blocking:.*never:", "blocking:\n  - {" + keys.get(random.nextInt(keys.size())) + "}\nnever:");
        }
        MatchRules rules = MatchRules.parse(type, document);
        check(
                rules.cap() == cap && rules.match() == Double.parseDouble(match),
                "the document is written otherwise than it was");
        if (reference.rule(type, new Learned(rules, reference.rulesOf(type).weights()))) {
            apply(RuleBook.Kind.MATCH, type, document);
        }
    }

    private void survive() {
        String type = random.nextBoolean() ? "Organization" : "Person";
        String document = SurvivorshipRules.bundled(MODEL, MODEL.getType(type)).document();
        String order = List.of(
                        "[sound, recency]", "[agreement, {rank: trust}]", "[{rank: [c, a]}]", "[recency, agreement]")
                .get(random.nextInt(4));
        String other = document.replaceAll("default: .*", "default: " + order)
                .replaceAll("(?m)^  phone: .*", "  phone: {by: " + order + ", empty: counts}");
        apply(RuleBook.Kind.SURVIVORSHIP, type, other);
        reference.survive(reference.survivorship().with(SurvivorshipRules.parse(MODEL, type, other)));
    }

    private void apply(RuleBook.Kind kind, String type, String document) {
        RuleBook.Change change =
                new RuleBook.Change(kind, type, versions.getOrDefault(kind + type, 1), document, false);
        RuleBook.Preview preview = pool().ruleBook().preview(change);
        check(preview.records() == count(LIVE_RECORDS, type), "a preview counts other records than there are");
        check(preview.entities() == count(LIVE_ENTITIES, type), "a preview counts other entities than there are");
        check(preview.possibleBefore() == count(POSSIBLE, type), "a preview counts other pairs than wait");
        long last = reference.lastChange();
        RuleBook.Version version = pool().ruleBook().apply(change, "officer", "a try");
        String told = operations(type, last);
        if (kind == RuleBook.Kind.MATCH) {
            check(
                    told.equals(preview.merged() + " merged, " + preview.split() + " split"),
                    "a preview promised " + preview.merged() + " merged, " + preview.split() + " split; it came to "
                            + told);
            check(
                    preview.possibleAfter() == count(POSSIBLE, type),
                    "a preview promised " + preview.possibleAfter() + " pairs that wait, there are "
                            + count(POSSIBLE, type));
        } else {
            check(told.equals("0 merged, 0 split"), "survivorship rules came to " + told);
        }
        transactions++;
        rulesChanged++;
        versions.put(kind + type, version.version());
    }

    private long count(String sql, String type) {
        return Long.parseLong(TestDatabase.text(database, sql.formatted(type)));
    }

    /** What became of ids of a type since a change. */
    private String operations(String type, long since) {
        return TestDatabase.text(database, """
                select count(*) filter (where op = 'MERGED') || ' merged, '
                       || count(*) filter (where op = 'SPLIT') || ' split'
                  from pool.change where entity_type = '%s' and seq > %d
                """.formatted(type, since));
    }

    static String document(String type) {
        String name = "/io/yimen/pool/rules/" + type.toLowerCase(java.util.Locale.ROOT) + ".yaml";
        try (InputStream in = Objects.requireNonNull(Telling.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Agreement

    private void settle(String keys) {
        List<String> wrong = reference.settle(Seen.of(database, keys, reference.lastChange()));
        if (!wrong.isEmpty()) {
            Set<String> some = new HashSet<>();
            StringBuilder text = new StringBuilder();
            for (String line : wrong) {
                String history = line.substring(0, Math.min(line.length(), 14));
                if (some.size() < 3 || some.contains(history)) {
                    some.add(history);
                    text.append('\n').append(line);
                }
            }
            throw new AssertionError(wrong.size() + " things are otherwise:" + text);
        }
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    @Override
    public String toString() {
        return "telling " + seed;
    }
}
