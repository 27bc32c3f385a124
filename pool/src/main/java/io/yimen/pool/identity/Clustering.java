package io.yimen.pool.identity;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.identity.match.Pairs;
import io.yimen.pool.identity.match.Partition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides which source records are one entity.
 *
 * <p>A pure function of the set of records and of what people ruled: rulings first, the latest before earlier ones; then
 * identifiers in the model's order, strongest first, then by value; then pairs by their weight. Clusters that share an
 * identifier are joined unless that would bring two records of a stream together whose records are unique; an identifier
 * that two records of one such stream share tells them not apart and so links nothing. Records that share no identifier,
 * are in no matching pair and in no ruling that makes them one, directly or through others, do not influence each other:
 * a connected part may be clustered alone.
 */
public final class Clustering {
    /** Rule of a record that a person put where it is. */
    public static final String STEWARD = "steward";
    /** Rule of a record that weights put where it is. */
    public static final String WEIGHTS = "weights";

    /**
     * An identifier's value.
     *
     * @param strength 0 is the strongest
     */
    public record Link(int strength, String name, String value) implements Comparable<Link> {
        @Override
        public int compareTo(Link o) {
            int byStrength = Integer.compare(strength, o.strength);
            return byStrength != 0 ? byStrength : value.compareTo(o.value);
        }
    }

    /**
     * A record to be placed.
     *
     * @param unique whether its stream promises that no two of its records are the same entity
     */
    public record Node(RecordRef ref, boolean unique, List<Link> links) {}

    /**
     * A record in its cluster.
     *
     * @param rule what holds it there: {@link #STEWARD}, else the strongest identifier that it shares with another of
     *     the cluster, else {@link #WEIGHTS}; {@code null} if it stands alone
     */
    public record Member(RecordRef ref, @Nullable String rule) {}

    /** Records that are one entity, in order. */
    public record Cluster(List<Member> members) {
        public Cluster {
            members = List.copyOf(members);
        }
    }

    private final List<Node> nodes;
    private final Map<RecordRef, Integer> numbers = new HashMap<>();
    private final Partition partition;
    private final @Nullable String[] rules;

    private Clustering(Collection<Node> given) {
        this.nodes = new ArrayList<>(given);
        nodes.sort(Comparator.comparing(Node::ref));
        Map<StreamId, Integer> streams = new HashMap<>();
        int[] source = new int[nodes.size()];
        boolean[] unique = new boolean[nodes.size()];
        for (int i = 0; i < source.length; i++) {
            Node node = nodes.get(i);
            numbers.put(node.ref, i);
            source[i] = streams.computeIfAbsent(node.ref.stream(), s -> streams.size());
            unique[source[i]] = node.unique;
        }
        this.partition = new Partition(source, Arrays.copyOf(unique, Math.max(1, streams.size())));
        this.rules = new String[nodes.size()];
    }

    /** Clusters of one type's records by identifiers alone, ordered by their first record. */
    public static List<Cluster> of(Collection<Node> nodes) {
        return of(nodes, List.of(), null);
    }

    /**
     * Clusters of one type's records, ordered by their first record.
     *
     * @param rulings what people decided about any of them, in any order
     * @param likeness what weights say; {@code null} for a type without match rules
     */
    public static List<Cluster> of(Collection<Node> nodes, Collection<Ruling> rulings, @Nullable Likeness likeness) {
        Clustering clustering = new Clustering(nodes);
        clustering.rule(rulings);
        clustering.link();
        if (likeness != null) {
            clustering.match(likeness);
        }
        return clustering.clusters();
    }

    private void rule(Collection<Ruling> rulings) {
        List<Ruling> latestFirst = new ArrayList<>(rulings);
        latestFirst.sort(Comparator.comparingLong(Ruling::number).reversed());
        List<int[]> same = new ArrayList<>();
        for (Ruling ruling : latestFirst) {
            int[] one = present(ruling.same());
            partition.rule(one, present(ruling.left()), present(ruling.right()));
            same.add(one);
        }
        for (int[] one : same) {
            explain(STEWARD, Arrays.stream(one).boxed().toList());
        }
    }

    private int[] present(List<RecordRef> refs) {
        return refs.stream()
                .map(numbers::get)
                .filter(Objects::nonNull)
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }

    /** A link and its holders, which are in order. */
    private record Shared(Link link, List<Integer> holders) {}

    private void link() {
        List<Shared> linking = new ArrayList<>();
        for (Shared shared : sharedLinks()) {
            if (partition.link(shared.holders)) {
                linking.add(shared);
            }
        }
        for (Shared shared : linking) {
            explain(shared.link.name, shared.holders);
        }
    }

    private List<Shared> sharedLinks() {
        Map<Link, Object> holders = new HashMap<>(nodes.size() * 2);
        for (int i = 0; i < nodes.size(); i++) {
            Integer number = i;
            for (Link link : nodes.get(i).links) {
                holders.merge(link, number, Clustering::both);
            }
        }
        List<Shared> shared = new ArrayList<>();
        holders.forEach((link, who) -> {
            if (who instanceof Holders list) {
                shared.add(new Shared(link, list.nodes));
            }
        });
        shared.sort(Comparator.comparing(Shared::link));
        return shared;
    }

    /** More than one holder; most links have a single one, for which no list is made. */
    private record Holders(List<Integer> nodes) {}

    private static Object both(Object before, Object number) {
        if (before instanceof Holders holders) {
            holders.nodes.add((Integer) number);
            return holders;
        }
        List<Integer> two = new ArrayList<>(4);
        two.add((Integer) before);
        two.add((Integer) number);
        return new Holders(two);
    }

    private void match(Likeness likeness) {
        Pairs pairs = new Pairs();
        boolean[] matched = new boolean[nodes.size()];
        for (int i = 0; i < matched.length; i++) {
            int number = i;
            likeness.forEachPair(nodes.get(i).ref, (other, score) -> {
                Integer there = numbers.get(other);
                if (there != null && there > number) {
                    pairs.add(number, there, score);
                }
            });
        }
        if (pairs.size() == 0) {
            return;
        }
        partition.match(
                pairs,
                likeness.match(),
                likeness.conflict(),
                (a, b) -> likeness.between(nodes.get(a).ref, nodes.get(b).ref));
        for (int i = 0; i < pairs.size(); i++) {
            if (partition.isTogether(pairs.first(i), pairs.second(i))) {
                matched[pairs.first(i)] = true;
                matched[pairs.second(i)] = true;
            }
        }
        for (int i = 0; i < matched.length; i++) {
            if (matched[i] && rules[i] == null) {
                rules[i] = WEIGHTS;
            }
        }
    }

    private void explain(String rule, List<Integer> holders) {
        Map<Integer, Integer> perCluster = new HashMap<>();
        for (int holder : holders) {
            perCluster.merge(partition.cluster(holder), 1, Integer::sum);
        }
        for (int holder : holders) {
            if (rules[holder] == null && perCluster.getOrDefault(partition.cluster(holder), 0) > 1) {
                rules[holder] = rule;
            }
        }
    }

    private List<Cluster> clusters() {
        Map<Integer, List<Member>> members = new HashMap<>();
        List<List<Member>> inOrder = new ArrayList<>();
        for (int i = 0; i < rules.length; i++) {
            List<Member> of = members.get(partition.cluster(i));
            if (of == null) {
                of = new ArrayList<>();
                members.put(partition.cluster(i), of);
                inOrder.add(of);
            }
            of.add(new Member(nodes.get(i).ref, rules[i]));
        }
        return inOrder.stream().map(Cluster::new).toList();
    }
}
