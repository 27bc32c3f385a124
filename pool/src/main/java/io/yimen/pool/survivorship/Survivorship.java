package io.yimen.pool.survivorship;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.survivorship.SurvivorshipRules.Choice;
import io.yimen.pool.survivorship.SurvivorshipRules.Elsewhere;
import io.yimen.pool.survivorship.SurvivorshipRules.FieldRule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides which claim wins a field, by the rules of every entity type. Immutable; a pure function of the claims.
 *
 * <p>A field's criteria are asked one after the other, each of the claims that the one before let through. What none of
 * them tells apart goes to the more trusted stream, then to the one whose name comes first, within a stream to the
 * greater key (longer first, then by character, so that serial numbers compare as numbers).
 *
 * <p>Positions take no part. Those of different streams cannot be compared, and those within a stream depend on when it
 * was read: a pool that followed every change and one that read the final state must publish the same. What a source
 * itself says of the time of a change is part of the claim, and does.
 */
public final class Survivorship {
    private static final Comparator<Claim> LAST = Comparator.comparingInt(Claim::trust)
            .reversed()
            .thenComparing(c -> c.ref().stream())
            .thenComparing(c -> c.ref().key().length(), Comparator.reverseOrder())
            .thenComparing(c -> c.ref().key(), Comparator.reverseOrder());
    private static final Pattern CODE = Pattern.compile("(?:.*\\|)?(\\d{2,12})");

    private final PoolModel model;
    private final Vault vault;
    private final Map<String, SurvivorshipRules> rules;

    /** What a criterion set aside. */
    private record Stage(Rule rule, List<Claim> before, List<Claim> after) {}

    /** The claims that nothing but the last resort tells apart, in its order; and how it came to that. */
    private record Choosing(List<Claim> said, List<Claim> left, List<Stage> stages) {
        @Nullable
        Claim winner() {
            return left.isEmpty() ? null : left.get(0);
        }
    }

    private Survivorship(PoolModel model, Vault vault, Map<String, SurvivorshipRules> rules) {
        this.model = model;
        this.vault = vault;
        this.rules = Map.copyOf(rules);
    }

    /** The rules that ship with the pool. */
    public static Survivorship bundled(PoolModel model, Vault vault) {
        return of(model, vault, List.of());
    }

    /** The given rules; for a type that none of them is of, those that ship with the pool. */
    public static Survivorship of(PoolModel model, Vault vault, Collection<SurvivorshipRules> given) {
        Map<String, SurvivorshipRules> rules = new HashMap<>();
        given.forEach(r -> rules.put(r.type().name(), r));
        for (EntityType type : model.types()) {
            rules.computeIfAbsent(type.name(), t -> SurvivorshipRules.bundled(model, type));
        }
        return new Survivorship(model, vault, rules);
    }

    /** The same, opening what is sealed with another vault of the same keys. */
    public Survivorship with(Vault opener) {
        return new Survivorship(model, opener, rules);
    }

    /** The same with other rules for one type. */
    public Survivorship with(SurvivorshipRules other) {
        Map<String, SurvivorshipRules> all = new HashMap<>(rules);
        all.put(other.type().name(), other);
        return new Survivorship(model, vault, all);
    }

    /** The rules in force for a type. */
    public SurvivorshipRules rulesOf(EntityType type) {
        return Objects.requireNonNull(rules.get(type.name()), "every type of the model has rules");
    }

    /** What survives of the claims of one entity; at least one claim, in any order. */
    public Golden of(EntityType type, List<Claim> given) {
        SurvivorshipRules rules = rulesOf(type);
        List<Claim> claims = sorted(given, Comparator.comparing(Claim::ref));
        List<Claim> ranked = sorted(given, LAST);
        int fields = type.fields().size();
        @Nullable Claim[] winners = new Claim[fields];
        @Nullable Rule[] why = new Rule[fields];
        Place place = new Place(type, rules, ranked, winners);
        for (int field : rules.order()) {
            Choice choice = place.choice(field);
            if (ranked.size() == 1) {
                // Most entities: nobody to be compared with.
                Claim only = ranked.get(0);
                if (only.value(field) != null || (choice.emptyCounts() && only.isWithdrawn(field))) {
                    winners[field] = only;
                    why[field] = Rule.ONLY;
                }
                continue;
            }
            Choosing choosing = choose(choice, question(type, field, choice, ranked, winners), ranked);
            winners[field] = choosing.winner();
            why[field] = why(choosing, field);
        }
        return new Golden(type, claims, winners, why);
    }

    /**
     * Why each field was won, and in which order the claims stand; only fields of which a claim says something, in the
     * order of the model.
     */
    public List<Ranking> explain(EntityType type, List<Claim> given) {
        SurvivorshipRules rules = rulesOf(type);
        List<Claim> ranked = sorted(given, LAST);
        @Nullable Claim[] winners = new Claim[type.fields().size()];
        Place place = new Place(type, rules, ranked, winners);
        @Nullable Ranking[] rankings = new Ranking[winners.length];
        for (int field : rules.order()) {
            Choice choice = place.choice(field);
            Criterion.Question question = question(type, field, choice, ranked, winners);
            Choosing choosing = choose(choice, question, ranked);
            Claim winner = choosing.winner();
            winners[field] = winner;
            Rule rule = why(choosing, field);
            if (winner == null || rule == null) {
                continue;
            }
            List<Claim> order = new ArrayList<>();
            rank(choosing.said, choice.by(), 0, question, order);
            List<Ranking.Placed> placed = new ArrayList<>();
            for (Claim claim : order) {
                placed.add(new Ranking.Placed(claim, placed.size() + 1, lostBy(choosing, winner, claim, field)));
            }
            rankings[field] = new Ranking(
                    field, rule, choice.by().stream().map(Criterion::rule).toList(), place.exceptionOf(field), placed);
        }
        List<Ranking> told = new ArrayList<>();
        for (Ranking ranking : rankings) {
            if (ranking != null) {
                told.add(ranking);
            }
        }
        return told;
    }

    /** What would be published otherwise of the claims of one entity, were {@code other} in force. */
    public List<Difference> differences(Survivorship other, EntityType type, List<Claim> claims) {
        return Difference.between(of(type, claims), other.of(type, claims));
    }

    private static List<Claim> sorted(List<Claim> given, Comparator<Claim> by) {
        if (given.size() == 1) {
            return given;
        }
        List<Claim> claims = new ArrayList<>(given);
        claims.sort(by);
        return claims;
    }

    private Criterion.Question question(
            EntityType type, int field, Choice choice, List<Claim> claims, @Nullable Claim[] winners) {
        return new Criterion.Question(type, field, choice.emptyCounts(), claims, winners, vault);
    }

    private static Choosing choose(Choice choice, Criterion.Question question, List<Claim> ranked) {
        List<Claim> said = new ArrayList<>(ranked.size());
        for (Claim claim : ranked) {
            if (question.isSaid(claim)) {
                said.add(claim);
            }
        }
        List<Claim> left = said;
        List<Stage> stages = List.of();
        for (Criterion criterion : choice.by()) {
            if (left.size() < 2) {
                break;
            }
            List<Claim> best = criterion.best(left, question);
            if (best.size() < left.size()) {
                stages = stages.isEmpty() ? new ArrayList<>() : stages;
                stages.add(new Stage(criterion.rule(), left, best));
                left = best;
            }
        }
        return new Choosing(said, left, stages);
    }

    /** The last thing that set aside a claim that says otherwise. */
    private static @Nullable Rule why(Choosing choosing, int field) {
        Claim winner = choosing.winner();
        if (winner == null) {
            return null;
        }
        for (Claim other : choosing.left) {
            if (differs(winner, other, field)) {
                return lastResort(winner, other);
            }
        }
        for (int i = choosing.stages.size() - 1; i >= 0; i--) {
            Stage stage = choosing.stages.get(i);
            for (Claim other : stage.before) {
                if (differs(winner, other, field)) {
                    return stage.rule;
                }
            }
        }
        return choosing.said.size() == 1 ? Rule.ONLY : Rule.AGREED;
    }

    private static @Nullable Rule lostBy(Choosing choosing, Claim winner, Claim claim, int field) {
        if (!differs(winner, claim, field)) {
            return null;
        }
        for (Stage stage : choosing.stages) {
            if (!stage.after.contains(claim)) {
                return stage.rule;
            }
        }
        return lastResort(winner, claim);
    }

    private static boolean differs(Claim one, Claim other, int field) {
        return !Objects.equals(one.value(field), other.value(field));
    }

    private static Rule lastResort(Claim winner, Claim other) {
        if (other.trust() < winner.trust()) {
            return Rule.TRUST;
        }
        return other.ref().stream().equals(winner.ref().stream()) ? Rule.KEY : Rule.STREAM;
    }

    /** All claims in order: what a criterion let through before what it set aside, and each of both likewise. */
    private static void rank(
            List<Claim> left, List<Criterion> by, int from, Criterion.Question question, List<Claim> order) {
        for (int i = from; i < by.size() && left.size() > 1; i++) {
            List<Claim> best = by.get(i).best(left, question);
            if (best.size() < left.size()) {
                List<Claim> rest = new ArrayList<>(left);
                rest.removeAll(best);
                rank(best, by, i + 1, question, order);
                rank(rest, by, i, question, order);
                return;
            }
        }
        order.addAll(left);
    }

    /** Where an entity is, as far as rules differ by it: found once, and only if asked for. */
    private final class Place {
        private final EntityType type;
        private final SurvivorshipRules rules;
        private final List<Claim> ranked;
        private final @Nullable Claim[] winners;
        private @Nullable String code;

        Place(EntityType type, SurvivorshipRules rules, List<Claim> ranked, @Nullable Claim[] winners) {
            this.type = type;
            this.rules = rules;
            this.ranked = ranked;
            this.winners = winners;
        }

        Choice choice(int field) {
            FieldRule rule = rules.field(field);
            for (Elsewhere exception : rule.exceptions()) {
                if (exception.placeOf(code()) != null) {
                    return exception.choice();
                }
            }
            return rule.choice();
        }

        @Nullable
        String exceptionOf(int field) {
            for (Elsewhere exception : rules.field(field).exceptions()) {
                String place = exception.placeOf(code());
                if (place != null) {
                    return place;
                }
            }
            return null;
        }

        /** The division code that wins among the claims that name one; empty if none does. */
        private String code() {
            String known = code;
            if (known == null) {
                int field = rules.placeField();
                List<Claim> located = ranked.stream()
                        .filter(c -> !codeIn(c.value(field)).isEmpty())
                        .toList();
                Choice choice = new Choice(rules.field(field).choice().by(), false);
                Claim winner = choose(choice, question(type, field, choice, located, winners), located)
                        .winner();
                known = winner == null ? "" : codeIn(winner.value(field));
                code = known;
            }
            return known;
        }

        private static String codeIn(@Nullable String value) {
            Matcher matcher = value == null ? null : CODE.matcher(value);
            return matcher != null && matcher.matches() ? matcher.group(1) : "";
        }
    }
}
