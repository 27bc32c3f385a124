package io.yimen.pool.reference;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.identity.Ruling;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which records of one type are one entity, written down as it is documented and in no other regard well: sets of
 * records that are merged, and questions asked of all their members.
 */
final class PlainClustering {
    /** Most that one pair can say for or against. */
    private static final double LOUDEST = 24;
    /** Pairs looked at when two large clusters meet. */
    private static final int LOOKS = 64;

    /** A record; {@code links} by the strength of the identifier, 0 the strongest. */
    record Node(RecordRef ref, boolean unique, List<Link> links) {}

    record Link(int strength, String name, String value) {}

    /** What weights say of two records, in whatever order. */
    record Pair(RecordRef a, RecordRef b, float score) {}

    /** Compares any two records. */
    interface Scores {
        double between(RecordRef a, RecordRef b);
    }

    /** What weights say of the records; {@code match} in bits and as a probability. */
    record Weighed(List<Pair> pairs, double matchBits, double match, double conflict, Scores scores) {}

    private final Map<RecordRef, Node> nodes = new TreeMap<>();
    private final Set<SortedSet<RecordRef>> clusters = new HashSet<>();
    private final Set<Set<RecordRef>> apart = new HashSet<>();
    private final Map<RecordRef, String> rules = new HashMap<>();

    PlainClustering(Collection<Node> given, Collection<Ruling> rulings, @Nullable Weighed weighed) {
        for (Node node : given) {
            nodes.put(node.ref, node);
            clusters.add(new TreeSet<>(Set.of(node.ref)));
        }
        List<Ruling> latestFirst = rulings.stream()
                .sorted(Comparator.comparingLong(Ruling::number).reversed())
                .toList();
        latestFirst.forEach(this::decide);
        List<List<RecordRef>> linking = new ArrayList<>();
        List<String> names = new ArrayList<>();
        shared().forEach((link, holders) -> {
            if (tellsApart(holders)) {
                joinAll(holders);
                linking.add(holders);
                names.add(link.name);
            }
        });
        if (weighed != null) {
            match(weighed);
        }
        latestFirst.forEach(ruling -> explain("steward", present(ruling.same())));
        for (int i = 0; i < linking.size(); i++) {
            explain(names.get(i), linking.get(i));
        }
        if (weighed != null) {
            weighed.pairs.forEach(pair -> explain("weights", List.of(pair.a, pair.b)));
        }
    }

    /** The clusters, each in order. */
    Set<SortedSet<RecordRef>> clusters() {
        return clusters;
    }

    /** What holds a record where it is; {@code null} where it stands alone. */
    @Nullable
    String rule(RecordRef ref) {
        return rules.get(ref);
    }

    // Rulings

    private void decide(Ruling ruling) {
        List<RecordRef> same = present(ruling.same());
        for (int i = 0; i < same.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (!isKeptApart(of(same.get(i)), of(same.get(j)))) {
                    join(of(same.get(i)), of(same.get(j)));
                }
            }
        }
        for (RecordRef left : present(ruling.left())) {
            for (RecordRef right : present(ruling.right())) {
                if (!of(left).contains(right)) {
                    apart.add(Set.of(left, right));
                }
            }
        }
    }

    private List<RecordRef> present(List<RecordRef> refs) {
        return refs.stream().filter(nodes::containsKey).sorted().toList();
    }

    // Identifiers

    /** Identifiers that several hold, the strongest first, then by value. */
    private Map<Link, List<RecordRef>> shared() {
        Map<Link, List<RecordRef>> holders =
                new TreeMap<>(Comparator.comparingInt(Link::strength).thenComparing(Link::value));
        nodes.values()
                .forEach(node -> node.links.forEach(link ->
                        holders.computeIfAbsent(link, l -> new ArrayList<>()).add(node.ref)));
        holders.values().removeIf(h -> h.size() < 2);
        return holders;
    }

    /** Two records of one stream without duplicates hold it: it tells nobody apart, unless the two are one already. */
    private boolean tellsApart(List<RecordRef> holders) {
        for (RecordRef one : holders) {
            for (RecordRef other : holders) {
                if (isUnique(one)
                        && !one.equals(other)
                        && one.stream().equals(other.stream())
                        && !of(one).contains(other)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** In the order of the records each joins those that were met before, as far as it may. */
    private void joinAll(List<RecordRef> holders) {
        List<RecordRef> met = new ArrayList<>();
        for (RecordRef holder : holders) {
            if (met.stream().anyMatch(m -> of(m).contains(holder))) {
                continue;
            }
            for (RecordRef earlier : List.copyOf(met)) {
                if (!isForbidden(of(earlier), of(holder))) {
                    join(of(earlier), of(holder));
                    met.remove(earlier);
                }
            }
            met.add(holder);
        }
    }

    // Weights

    private void match(Weighed weighed) {
        List<Pair> matches = weighed.pairs.stream()
                .filter(p -> p.score > weighed.matchBits)
                .sorted(Comparator.comparing((Pair p) -> -p.score)
                        .thenComparing(PlainClustering::first)
                        .thenComparing(PlainClustering::second))
                .toList();
        for (Pair pair : matches) {
            RecordRef a = first(pair);
            RecordRef b = second(pair);
            if (of(a).contains(b) || isContested(pair, a, b, matches, weighed) || isForbidden(of(a), of(b))) {
                continue;
            }
            if (isSupported(of(a), of(b), weighed)) {
                join(of(a), of(b));
            }
        }
    }

    private static RecordRef first(Pair pair) {
        return pair.a.compareTo(pair.b) < 0 ? pair.a : pair.b;
    }

    private static RecordRef second(Pair pair) {
        return pair.a.compareTo(pair.b) < 0 ? pair.b : pair.a;
    }

    private boolean isContested(Pair pair, RecordRef a, RecordRef b, List<Pair> matches, Weighed weighed) {
        return isUnique(b) && share(pair, a, b, matches) <= weighed.match
                || isUnique(a) && share(pair, b, a, matches) <= weighed.match;
    }

    /** Of all that {@code mine} could be in the stream of {@code chosen}, nothing included, how much is for this one. */
    private double share(Pair pair, RecordRef mine, RecordRef chosen, List<Pair> matches) {
        double others = Math.pow(2, -pair.score);
        for (Pair rival : matches) {
            RecordRef other = rival.a.equals(mine) ? rival.b : rival.b.equals(mine) ? rival.a : null;
            if (other == null || other.equals(chosen) || !other.stream().equals(chosen.stream())) {
                continue;
            }
            boolean taken = isUnique(mine)
                    && of(other).stream().anyMatch(r -> r.stream().equals(mine.stream()));
            if (!of(other).contains(chosen) && !taken) {
                others += Math.pow(2, (double) rival.score - pair.score);
            }
        }
        return 1 / (1 + others);
    }

    private static boolean isSupported(SortedSet<RecordRef> a, SortedSet<RecordRef> b, Weighed weighed) {
        if (a.size() == 1 && b.size() == 1) {
            return true;
        }
        long all = (long) a.size() * b.size();
        long at = 0;
        double sum = 0;
        for (RecordRef left : a) {
            for (RecordRef right : b) {
                // of very many pairs an even share is looked at
                boolean looked = all <= LOOKS || at * LOOKS % all < LOOKS;
                at++;
                if (looked) {
                    double score = weighed.scores.between(left, right);
                    if (score < weighed.conflict) {
                        return false;
                    }
                    sum += Math.max(-LOUDEST, Math.min(LOUDEST, score));
                }
            }
        }
        return sum > 0;
    }

    // What all of it rests on

    private SortedSet<RecordRef> of(RecordRef ref) {
        for (SortedSet<RecordRef> cluster : clusters) {
            if (cluster.contains(ref)) {
                return cluster;
            }
        }
        throw new IllegalStateException("Every record is in a cluster");
    }

    private void join(SortedSet<RecordRef> a, SortedSet<RecordRef> b) {
        if (a.equals(b)) {
            return;
        }
        clusters.remove(a);
        clusters.remove(b);
        SortedSet<RecordRef> both = new TreeSet<>(a);
        both.addAll(b);
        clusters.add(both);
    }

    private boolean isForbidden(SortedSet<RecordRef> a, SortedSet<RecordRef> b) {
        for (RecordRef one : a) {
            for (RecordRef other : b) {
                if (isUnique(one) && one.stream().equals(other.stream())) {
                    return true;
                }
            }
        }
        return isKeptApart(a, b);
    }

    private boolean isKeptApart(SortedSet<RecordRef> a, SortedSet<RecordRef> b) {
        return apart.stream().anyMatch(two -> {
            boolean here = two.stream().anyMatch(a::contains);
            boolean there = two.stream().anyMatch(b::contains);
            return here && there && !a.equals(b);
        });
    }

    private boolean isUnique(RecordRef ref) {
        Node node = nodes.get(ref);
        return node != null && node.unique;
    }

    private void explain(String rule, List<RecordRef> holders) {
        for (RecordRef holder : holders) {
            boolean held = holders.stream()
                    .anyMatch(other -> !other.equals(holder) && of(holder).contains(other));
            if (held) {
                rules.putIfAbsent(holder, rule);
            }
        }
    }
}
