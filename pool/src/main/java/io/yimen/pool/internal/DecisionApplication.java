package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.ledger.Effects;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.IdentifierRule;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.steward.Action;
import io.yimen.pool.steward.Decision;
import io.yimen.pool.steward.Effect;
import io.yimen.pool.steward.Proposal;
import io.yimen.pool.steward.Stewardship;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Decides about identity within a transaction that holds the pool's lock; who only asks rolls it back. */
public final class DecisionApplication {
    /** Bits that a shared identifier weighs. */
    private static final double IDENTIFIER = 50;

    private static final String INSERT = """
            insert into pool.decision (entity_type, action, actor, at, reason, strongest, weakest)
            values (?, ?, ?, ?, ?, ?, ?)
            returning id
            """;
    private static final String INSERT_RECORDS = """
            insert into pool.decision_record (decision_id, side, stream_id, key)
            select ?, * from unnest(?::text[], ?::int[], ?::text[])
            """;
    private static final String WITHDRAW = """
            update pool.decision set withdrawn_by = ?, withdrawn_at = ?, withdrawn_reason = ? where id = ?
            """;
    private static final String SELECT_COUNTS = """
            select id, records, title from pool.entity where id = any (?)
            """;

    private final Transaction tx;
    private final PoolModel model;
    private final Vault vault;
    private final Recognition recognition;
    private final Audit audit;
    private final SourceRecords records;
    private final VisibleEntities entities;

    /** An entity as it is, with its records. */
    private record Subject(long id, EntityType type, List<RecordRef> records) {}

    /** What a decision says. */
    private record Sides(Set<RecordRef> same, Set<RecordRef> left, Set<RecordRef> right) {
        Set<RecordRef> all() {
            Set<RecordRef> all = new TreeSet<>(same);
            all.addAll(left);
            all.addAll(right);
            return all;
        }
    }

    public DecisionApplication(
            Connection db,
            Streams streams,
            PoolModel model,
            Vault vault,
            Recognition recognition,
            Audit audit,
            Instant now) {
        this.tx = new Transaction(db, streams, 0, now);
        this.model = model;
        this.vault = vault;
        this.recognition = recognition;
        this.audit = audit;
        this.records = new SourceRecords(tx);
        this.entities = new VisibleEntities(tx, model);
    }

    /** Decides as proposed. */
    public Stewardship.Decided decide(Scope scope, Proposal proposal) throws SQLException {
        String reason = VisibleEntities.checkReason(proposal.reason());
        List<Subject> subjects = subjects(scope, proposal);
        Sides sides = sides(scope, proposal, subjects);
        EntityType type = subjects.get(0).type();
        Map<RecordRef, Claim> claims = records.claims(sides.all());
        long id = insert(scope, proposal.action(), type, reason, sides, claims);
        audit.append(
                tx.db(),
                scope.actor(),
                "DECIDE",
                "decision/" + id,
                Map.of(
                        "action",
                        proposal.action().name(),
                        "entities",
                        subjects.stream().map(Subject::id).toList()));
        recognition.rulingsChanged(tx.db());
        Effect effect = derive(scope, id, type, sides.all(), sides.left());
        Decision decision = new Decision(
                id,
                type.name(),
                proposal.action(),
                scope.actor(),
                tx.at(),
                reason,
                List.copyOf(sides.same()),
                List.copyOf(sides.left()),
                List.copyOf(sides.right()),
                null);
        return new Stewardship.Decided(decision, effect);
    }

    /** Takes a decision back. */
    public Stewardship.Decided withdraw(Scope scope, long id, String why) throws SQLException {
        String reason = VisibleEntities.checkReason(why);
        Decision decision = find(id);
        Set<RecordRef> refs = new TreeSet<>(decision.same());
        refs.addAll(decision.left());
        refs.addAll(decision.right());
        Map<RecordRef, Long> live = records.entitiesOf(refs);
        Set<Long> entities = new TreeSet<>(live.values());
        if (this.entities.of(scope, entities).size() < entities.size() || entities.isEmpty() && !scope.everything()) {
            throw ScopedReads.notFound("decision");
        }
        if (decision.withdrawn() != null) {
            throw new PoolException(PoolException.Kind.CONFLICT, "Decision " + id + " was taken back before");
        }
        try (PreparedStatement update = tx.db().prepareStatement(WITHDRAW)) {
            update.setString(1, scope.actor());
            update.setObject(2, tx.timestamp());
            update.setString(3, vault.seal(reason));
            update.setLong(4, id);
            update.executeUpdate();
        }
        audit.append(tx.db(), scope.actor(), "WITHDRAW", "decision/" + id, Map.of());
        recognition.rulingsChanged(tx.db());
        Effect effect = derive(scope, id, model.getType(decision.entityType()), live.keySet(), Set.of());
        Decision now = new Decision(
                id,
                decision.entityType(),
                decision.action(),
                decision.actor(),
                decision.at(),
                decision.reason(),
                decision.same(),
                decision.left(),
                decision.right(),
                new Decision.Withdrawal(scope.actor(), tx.at(), reason));
        return new Stewardship.Decided(now, effect);
    }

    private static PoolException invalid(String message) {
        return new PoolException(PoolException.Kind.INVALID, message);
    }

    /** The entities of a proposal, each seen, there, and in the version that was looked at. */
    private List<Subject> subjects(Scope scope, Proposal proposal) throws SQLException {
        Map<Long, Long> versions = new LinkedHashMap<>();
        proposal.entities().forEach(e -> versions.put(e.id(), e.version()));
        if (versions.size() < proposal.entities().size()) {
            throw invalid("An entity is named twice");
        }
        int wanted = versions.size();
        boolean right = switch (proposal.action()) {
            case MERGE -> wanted >= 2;
            case NOT_DUPLICATE -> wanted == 2;
            case SPLIT, LINK, UNLINK -> wanted == 1;
        };
        boolean byRecords = switch (proposal.action()) {
            case MERGE, NOT_DUPLICATE -> false;
            case SPLIT, LINK, UNLINK -> true;
        };
        if (!right) {
            throw invalid(
                    switch (proposal.action()) {
                        case MERGE -> "Name two or more entities to merge";
                        case NOT_DUPLICATE -> "Name the two entities that are not the same";
                        case SPLIT, LINK, UNLINK -> "Name one entity";
                    });
        }
        if (byRecords == proposal.records().isEmpty()) {
            throw invalid(byRecords ? "Name the source records" : "This decision names no source records");
        }
        Map<Long, VisibleEntities.Seen> seen = entities.check(scope, versions.keySet());
        versions.forEach((id, version) -> VisibleEntities.checkVersion(id, version, seen));
        Map<Long, List<RecordRef>> members = new HashMap<>();
        records.ofEntities(versions.keySet())
                .forEach(
                        (ref, stored) -> members.computeIfAbsent(stored.placed().entity(), id -> new ArrayList<>())
                                .add(ref));
        List<Subject> subjects = new ArrayList<>();
        for (long id : versions.keySet()) {
            VisibleEntities.Seen row = seen.get(id);
            if (row != null) {
                List<RecordRef> refs = members.getOrDefault(id, new ArrayList<>());
                refs.sort(null);
                subjects.add(new Subject(id, row.type(), refs));
            }
        }
        if (subjects.stream().map(Subject::type).distinct().count() > 1) {
            throw invalid("The entities are of different types");
        }
        return subjects;
    }

    private Sides sides(Scope scope, Proposal proposal, List<Subject> subjects) throws SQLException {
        Subject first = subjects.get(0);
        Set<RecordRef> chosen = new TreeSet<>(proposal.records());
        Set<RecordRef> rest = new TreeSet<>(first.records());
        rest.removeAll(chosen);
        switch (proposal.action()) {
            case MERGE -> {
                Set<RecordRef> same = new TreeSet<>();
                subjects.forEach(s -> same.addAll(s.records()));
                return new Sides(same, Set.of(), Set.of());
            }
            case NOT_DUPLICATE -> {
                return new Sides(
                        Set.of(),
                        new TreeSet<>(first.records()),
                        new TreeSet<>(subjects.get(1).records()));
            }
            case SPLIT, UNLINK -> {
                if (!first.records().containsAll(chosen)) {
                    throw ScopedReads.notFound("source record in this entity");
                }
                if (rest.isEmpty()) {
                    throw invalid("Nothing would be left of " + first.type() + " " + first.id());
                }
                return new Sides(proposal.action() == Action.SPLIT ? chosen : Set.of(), chosen, rest);
            }
            case LINK -> {
                return link(scope, first, chosen);
            }
        }
        throw new IllegalStateException("Every action was dealt with");
    }

    private Sides link(Scope scope, Subject to, Set<RecordRef> chosen) throws SQLException {
        if (to.records().size() > 1 && to.records().containsAll(chosen)) {
            // Said once more, knowing what speaks against it by now.
            return new Sides(new TreeSet<>(to.records()), Set.of(), Set.of());
        }
        Set<RecordRef> known = new HashSet<>();
        for (RecordRef ref : chosen) {
            if (!tx.streams().all().containsKey(ref.stream())) {
                throw ScopedReads.notFound("source record");
            }
            if (!tx.streams().get(ref.stream()).type().equals(to.type())) {
                throw invalid("A source record speaks of another type");
            }
            known.add(ref);
        }
        Map<RecordRef, Long> from = records.entitiesOf(known);
        Set<Long> entities = new LinkedHashSet<>(from.values());
        if (from.size() < chosen.size() || this.entities.of(scope, entities).size() < entities.size()) {
            throw ScopedReads.notFound("source record");
        }
        if (entities.contains(to.id())) {
            throw invalid("A source record belongs to " + to.type() + " " + to.id() + " already");
        }
        Set<RecordRef> left = new TreeSet<>(records.ofEntities(entities).keySet());
        left.removeAll(chosen);
        Set<RecordRef> same = new TreeSet<>(to.records());
        same.addAll(chosen);
        return new Sides(same, left.isEmpty() ? Set.of() : chosen, left);
    }

    private long insert(
            Scope scope, Action action, EntityType type, String reason, Sides sides, Map<RecordRef, Claim> claims)
            throws SQLException {
        long id;
        try (PreparedStatement insert = tx.db().prepareStatement(INSERT)) {
            insert.setString(1, type.name());
            insert.setString(2, action.name());
            insert.setString(3, scope.actor());
            insert.setObject(4, tx.timestamp());
            insert.setString(5, vault.seal(reason));
            insert.setDouble(6, strongest(type, sides, claims));
            insert.setDouble(7, weakest(type, sides));
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                id = row.getLong(1);
            }
        }
        Sql.Texts side = new Sql.Texts();
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        Map<String, Set<RecordRef>> bySide = new TreeMap<>();
        bySide.put("SAME", sides.same());
        bySide.put("LEFT", sides.left());
        bySide.put("RIGHT", sides.right());
        bySide.forEach((name, refs) -> refs.forEach(ref -> {
            side.add(name);
            streams.add(tx.streams().number(ref.stream()));
            keys.add(ref.key());
        }));
        try (PreparedStatement insert = tx.db().prepareStatement(INSERT_RECORDS)) {
            insert.setLong(1, id);
            side.set(insert, 2);
            streams.set(insert, 3);
            keys.set(insert, 4);
            insert.executeUpdate();
        }
        return id;
    }

    /** What speaks most for what is kept apart. */
    private double strongest(EntityType type, Sides sides, Map<RecordRef, Claim> claims) throws SQLException {
        RecordGraph graph = recognition.graph(type, tx);
        double strongest = -IDENTIFIER;
        for (RecordRef left : sides.left()) {
            for (RecordRef right : sides.right()) {
                if (graph != null) {
                    strongest = Math.max(strongest, graph.between(left, right));
                }
                Claim a = claims.get(left);
                Claim b = claims.get(right);
                if (a != null && b != null && sharesIdentifier(type, a, b)) {
                    strongest = Math.max(strongest, IDENTIFIER);
                }
            }
        }
        return strongest;
    }

    private boolean sharesIdentifier(EntityType type, Claim a, Claim b) {
        for (IdentifierRule rule : type.identifiers()) {
            if (rule.links()
                    && rule.valueOf(a.values(), type, vault).isPresent()
                    && rule.valueOf(a.values(), type, vault).equals(rule.valueOf(b.values(), type, vault))) {
                return true;
            }
        }
        return false;
    }

    private double weakest(EntityType type, Sides sides) throws SQLException {
        RecordGraph graph = recognition.graph(type, tx);
        return graph == null ? 0 : ReviewTable.weakest(List.copyOf(sides.same()), graph);
    }

    /** Derives anew what the records are part of, and tells what came of it. */
    private Effect derive(Scope scope, long decision, EntityType type, Set<RecordRef> refs, Set<RecordRef> leaving)
            throws SQLException {
        Map<RecordRef, Long> again = records.entitiesOf(refs);
        Changes changes = new Changes(tx).because("decision/" + decision, scope.actor());
        long before = changes.last();
        Derivation derivation = new Derivation(tx, model, vault, recognition, changes).leaving(leaving);
        derivation.run(List.of(), again);
        Map<Long, Integer> had = new HashMap<>();
        derivation.before().forEach((id, row) -> had.put(id, row.isActive() ? row.records() : 0));
        Set<Long> resized = new HashSet<>();
        for (Group group : derivation.groups()) {
            if (had.getOrDefault(group.id, 0) != group.members.size()) {
                resized.add(group.id);
            }
        }
        return effect(type, before, had, resized);
    }

    private Effect effect(EntityType type, long before, Map<Long, Integer> had, Set<Long> resized) throws SQLException {
        List<io.yimen.pool.quarantine.Effect> told =
                new Effects(model, vault).after(tx.db(), before, Integer.MAX_VALUE);
        Set<Long> ids = new HashSet<>(resized);
        told.forEach(e -> {
            ids.add(e.id());
            resized.remove(e.id());
        });
        Map<Long, Integer> has = new HashMap<>();
        Map<Long, String> titles = new HashMap<>();
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_COUNTS)) {
            Sql.set(select, 1, ids);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    has.put(rows.getLong(1), rows.getInt(2));
                    titles.put(rows.getLong(1), rows.getString(3));
                }
            }
        }
        List<Effect.Outcome> outcomes = new ArrayList<>();
        for (io.yimen.pool.quarantine.Effect e : told) {
            if (!e.entityType().equals(type.name())) {
                continue;
            }
            Effect.Fate fate = switch (Operation.valueOf(e.operation())) {
                case CREATED, SPLIT, RESTORED -> Effect.Fate.NEW;
                case MERGED -> Effect.Fate.MERGED;
                case RETIRED, ERASED -> Effect.Fate.RETIRED;
                case UPDATED -> Effect.Fate.CHANGED;
            };
            boolean ended = fate == Effect.Fate.MERGED || fate == Effect.Fate.RETIRED;
            outcomes.add(new Effect.Outcome(
                    e.id(),
                    e.entityType(),
                    fate,
                    e.redirectTo(),
                    e.title(),
                    had.getOrDefault(e.id(), 0),
                    ended ? 0 : has.getOrDefault(e.id(), 0),
                    e.differences().stream()
                            .map(d -> new Effect.ValueChange(d.field(), d.from(), d.to()))
                            .toList()));
        }
        for (long id : resized) {
            outcomes.add(new Effect.Outcome(
                    id,
                    type.name(),
                    Effect.Fate.CHANGED,
                    null,
                    titles.getOrDefault(id, ""),
                    had.getOrDefault(id, 0),
                    has.getOrDefault(id, 0),
                    List.of()));
        }
        outcomes.sort((a, b) -> a.fate() == Effect.Fate.NEW == (b.fate() == Effect.Fate.NEW)
                ? Long.compare(a.id(), b.id())
                : Boolean.compare(a.fate() == Effect.Fate.NEW, b.fate() == Effect.Fate.NEW));
        return new Effect(outcomes);
    }

    private Decision find(long id) throws SQLException {
        try (PreparedStatement select = tx.db().prepareStatement(DecisionTable.SELECT + " and d.id = ?")) {
            select.setLong(1, id);
            return DecisionTable.read(select, vault).stream()
                    .findFirst()
                    .orElseThrow(() -> ScopedReads.notFound("decision"));
        }
    }
}
