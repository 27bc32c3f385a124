package io.yimen.pool.survivorship;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Normalization;
import io.yimen.pool.seal.Vault;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One question of a rule. Of the claims that are left it lets the better ones through: at least one, and all of them
 * where it has nothing to say. It looks at what is said and by whom, never at the order of the claims, so that the
 * outcome is a function of the set.
 */
sealed interface Criterion {
    /** How it is called where it decided. */
    Rule rule();

    /**
     * The better ones, in the order in which they came.
     *
     * @param left two or more claims that say something of the field
     */
    List<Claim> best(List<Claim> left, Question question);

    /**
     * The field of an entity about which claims are asked.
     *
     * @param emptyCounts whether a record that says that there is nothing says something
     * @param claims all claims of the entity
     * @param winners of the fields that were decided before
     */
    record Question(
            EntityType type,
            int field,
            boolean emptyCounts,
            List<Claim> claims,
            @Nullable Claim[] winners,
            Vault vault) {

        /** What a claim says, in clear; the empty text where it says that there is nothing. */
        String clear(Claim claim) {
            String value = claim.value(field);
            if (value == null) {
                return "";
            }
            return type.fields().get(field).isSensitive() ? vault.open(value) : value;
        }

        /** Whether a claim says something of the field, be it that there is nothing. */
        boolean isSaid(Claim claim) {
            return claim.value(field) != null || (emptyCounts && claim.isWithdrawn(field));
        }
    }

    private static List<Claim> keep(List<Claim> left, Predicate<Claim> better) {
        List<Claim> kept = new ArrayList<>(left.size());
        for (Claim claim : left) {
            if (better.test(claim)) {
                kept.add(claim);
            }
        }
        return kept.isEmpty() || kept.size() == left.size() ? left : kept;
    }

    private static List<Claim> least(List<Claim> left, ToIntFunction<Claim> rank) {
        int least = Integer.MAX_VALUE;
        for (Claim claim : left) {
            least = Math.min(least, rank.applyAsInt(claim));
        }
        int wanted = least;
        return keep(left, c -> rank.applyAsInt(c) == wanted);
    }

    /** A value without doubts before one with. */
    record Sound() implements Criterion {
        @Override
        public Rule rule() {
            return Rule.SOUND;
        }

        @Override
        public List<Claim> best(List<Claim> left, Question question) {
            for (Claim claim : left) {
                if (!claim.flags().isEmpty()) {
                    String field = question.type.fields().get(question.field).name();
                    return keep(
                            left,
                            c -> c.flags().stream().noneMatch(f -> f.field().equals(field)));
                }
            }
            return left;
        }
    }

    /** The more trusted stream. */
    record Trust() implements Criterion {
        @Override
        public Rule rule() {
            return Rule.TRUST;
        }

        @Override
        public List<Claim> best(List<Claim> left, Question question) {
            return least(left, claim -> -claim.trust());
        }
    }

    /**
     * The source or stream that is named first; those that are not named come after all that are.
     *
     * @param places source or {@code source/stream} → its place in the order
     */
    record Rank(Map<String, Integer> places) implements Criterion {
        public Rank {
            places = Map.copyOf(places);
        }

        @Override
        public Rule rule() {
            return Rule.RANK;
        }

        @Override
        public List<Claim> best(List<Claim> left, Question question) {
            return least(left, claim -> placeOf(claim.ref().stream()));
        }

        private int placeOf(StreamId stream) {
            Integer place = places.get(stream.source());
            if (place == null) {
                place = places.get(stream.toString());
            }
            return place == null ? places.size() : place;
        }
    }

    /**
     * The record that its source changed last, by the time that the source states. A record without such a time is
     * neither older nor newer than another: it stays.
     */
    record Recency() implements Criterion {
        @Override
        public Rule rule() {
            return Rule.RECENCY;
        }

        @Override
        public List<Claim> best(List<Claim> left, Question question) {
            Instant latest = null;
            for (Claim claim : left) {
                Instant at = claim.statedAt();
                if (at != null && (latest == null || at.isAfter(latest))) {
                    latest = at;
                }
            }
            Instant wanted = latest;
            return keep(left, c -> c.statedAt() == null || c.statedAt().equals(wanted));
        }
    }

    /**
     * What has not ended before what has; then the period that lasts longest, one without an end longest of all; then
     * the one that began last. A record that declares no period stays.
     *
     * @param from field with the first day or year, or -1
     * @param to field with the last, or -1
     * @param ended field → values by which a record says that it is over
     */
    record Validity(int from, int to, Map<Integer, Set<String>> ended) implements Criterion {
        public Validity {
            ended = Map.copyOf(ended);
        }

        @Override
        public Rule rule() {
            return Rule.VALIDITY;
        }

        @Override
        public List<Claim> best(List<Claim> left, Question question) {
            List<Claim> valid = keep(left, claim -> !isOver(claim));
            valid = latest(valid, claim -> declared(claim, to), true);
            return latest(valid, claim -> declared(claim, from), false);
        }

        private boolean isOver(Claim claim) {
            for (Map.Entry<Integer, Set<String>> end : ended.entrySet()) {
                String value = claim.value(end.getKey());
                if (value != null && end.getValue().contains(value)) {
                    return true;
                }
            }
            return false;
        }

        /** Day or year, open where the period has no such bound; null where the claim declares no period. */
        private @Nullable String declared(Claim claim, int bound) {
            String value = bound < 0 ? null : claim.value(bound);
            if (value != null) {
                return value;
            }
            boolean period =
                    bound >= 0 && ((from >= 0 && claim.value(from) != null) || (to >= 0 && claim.value(to) != null));
            return period ? "" : null;
        }

        private static List<Claim> latest(
                List<Claim> left, java.util.function.Function<Claim, @Nullable String> bound, boolean openIsLatest) {
            String latest = null;
            for (Claim claim : left) {
                String at = bound.apply(claim);
                if (at != null && (latest == null || compare(at, latest, openIsLatest) > 0)) {
                    latest = at;
                }
            }
            String wanted = latest;
            return keep(left, claim -> {
                String at = bound.apply(claim);
                return at == null || at.equals(wanted);
            });
        }

        private static int compare(String a, String b, boolean openIsLatest) {
            if (a.isEmpty() || b.isEmpty()) {
                int order = Boolean.compare(a.isEmpty(), b.isEmpty());
                return openIsLatest ? order : -order;
            }
            return a.compareTo(b);
        }
    }

    /**
     * The value that more sources say; several records or streams of one source are one voice. Whoever says it counts,
     * also one that an earlier criterion has set aside.
     *
     * @param as how values are compared
     */
    record Agreement(Normalization as) implements Criterion {
        @Override
        public Rule rule() {
            return Rule.AGREEMENT;
        }

        @Override
        public List<Claim> best(List<Claim> left, Question question) {
            Map<String, Set<String>> voices = new HashMap<>();
            for (Claim claim : question.claims) {
                if (question.isSaid(claim)) {
                    voices.computeIfAbsent(said(claim, question), v -> new HashSet<>())
                            .add(claim.ref().stream().source());
                }
            }
            return least(
                    left,
                    claim -> -voices.getOrDefault(said(claim, question), Set.of())
                            .size());
        }

        private String said(Claim claim, Question question) {
            // Sealed values that are equal are sealed equal.
            if (as == Normalization.AS_IS) {
                String value = claim.value(question.field);
                return value == null ? "" : value;
            }
            String clear = question.clear(claim);
            String folded = as.apply(clear);
            return folded.isEmpty() ? clear : folded;
        }
    }

    /** What no other value exceeds. Anything says more than that there is nothing; no reference more than another. */
    record Specific(Specificity how) implements Criterion {
        @Override
        public Rule rule() {
            return Rule.SPECIFICITY;
        }

        @Override
        public List<Claim> best(List<Claim> left, Question question) {
            if (question.type.fields().get(question.field).isReference() || isAgreed(left, question.field)) {
                return left;
            }
            List<String> values = left.stream().map(question::clear).toList();
            List<Claim> kept = new ArrayList<>(left.size());
            for (int i = 0; i < values.size(); i++) {
                String value = values.get(i);
                if (values.stream().noneMatch(one -> exceeds(one, value))) {
                    kept.add(left.get(i));
                }
            }
            return kept.isEmpty() || kept.size() == left.size() ? left : kept;
        }

        private static boolean isAgreed(List<Claim> left, int field) {
            String first = left.get(0).value(field);
            for (Claim claim : left) {
                if (first == null || !first.equals(claim.value(field))) {
                    return false;
                }
            }
            return true;
        }

        private boolean exceeds(String one, String other) {
            return !one.equals(other) && (other.isEmpty() || (!one.isEmpty() && how.exceeds(one, other)));
        }
    }

    /** The record that won another field, so that what belongs together comes from one hand. */
    record With(int field) implements Criterion {
        @Override
        public Rule rule() {
            return Rule.WITH;
        }

        @Override
        public List<Claim> best(List<Claim> left, Question question) {
            Claim leader = question.winners[field];
            return keep(left, claim -> claim == leader);
        }
    }
}
