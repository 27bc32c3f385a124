package io.yimen.pool.identity;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which source records are one entity.
 *
 * <p>A pure function of the set of records: identifiers are taken in the model's order, strongest first, then by value;
 * clusters that share one are joined unless that would bring two records of a stream together whose records are unique;
 * an identifier that two records of one such stream share tells them not apart and so links nothing. Records that share
 * no identifier, directly or through others, do not influence each other: a connected part may be clustered alone.
 */
public final class Clustering {
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
     * @param rule the strongest identifier that it shares with another of the cluster; null if it stands alone
     */
    public record Member(RecordRef ref, @Nullable String rule) {}

    /** Records that are one entity, in order. */
    public record Cluster(List<Member> members) {
        public Cluster {
            members = List.copyOf(members);
        }
    }

    private final List<Node> nodes;
    private final int[] parent;
    private final List<Set<StreamId>> uniqueStreams = new ArrayList<>();
    private final @Nullable String[] rules;

    private Clustering(Collection<Node> given) {
        this.nodes = new ArrayList<>(given);
        nodes.sort((a, b) -> a.ref.compareTo(b.ref));
        this.parent = new int[nodes.size()];
        this.rules = new String[nodes.size()];
        for (int i = 0; i < parent.length; i++) {
            parent[i] = i;
            uniqueStreams.add(nodes.get(i).unique ? Set.of(nodes.get(i).ref.stream()) : Set.of());
        }
    }

    /** Clusters of one type's records, ordered by their first record. */
    public static List<Cluster> of(Collection<Node> nodes) {
        return new Clustering(nodes).clusters();
    }

    private List<Cluster> clusters() {
        List<Shared> shared = sharedLinks();
        for (Shared s : shared) {
            join(s.holders);
        }
        for (Shared s : shared) {
            explain(s);
        }
        Map<Integer, List<Member>> byRoot = new HashMap<>();
        List<List<Member>> inOrder = new ArrayList<>();
        for (int i = 0; i < parent.length; i++) {
            List<Member> members = byRoot.get(root(i));
            if (members == null) {
                members = new ArrayList<>();
                byRoot.put(root(i), members);
                inOrder.add(members);
            }
            members.add(new Member(nodes.get(i).ref, rules[i]));
        }
        return inOrder.stream().map(Cluster::new).toList();
    }

    /** A link that may join its holders, which are in order. */
    private record Shared(Link link, List<Integer> holders) {}

    private List<Shared> sharedLinks() {
        Map<Link, Object> holders = new HashMap<>(nodes.size() * 2);
        for (int i = 0; i < nodes.size(); i++) {
            Integer index = i;
            for (Link link : nodes.get(i).links) {
                holders.merge(link, index, Clustering::both);
            }
        }
        List<Shared> shared = new ArrayList<>();
        holders.forEach((link, who) -> {
            if (who instanceof Holders list && !isAmbiguous(list.nodes)) {
                shared.add(new Shared(link, list.nodes));
            }
        });
        shared.sort((a, b) -> a.link.compareTo(b.link));
        return shared;
    }

    /** More than one holder; most links have a single one, for which no list is made. */
    private record Holders(List<Integer> nodes) {}

    private static Object both(Object before, Object index) {
        if (before instanceof Holders holders) {
            holders.nodes.add((Integer) index);
            return holders;
        }
        List<Integer> two = new ArrayList<>(4);
        two.add((Integer) before);
        two.add((Integer) index);
        return new Holders(two);
    }

    private boolean isAmbiguous(List<Integer> holders) {
        Set<StreamId> seen = new HashSet<>();
        for (int i : holders) {
            if (nodes.get(i).unique && !seen.add(nodes.get(i).ref.stream())) {
                return true;
            }
        }
        return false;
    }

    private void join(List<Integer> holders) {
        List<Integer> roots = new ArrayList<>();
        for (int holder : holders) {
            int mine = root(holder);
            if (roots.contains(mine)) {
                continue;
            }
            for (int i = 0; i < roots.size(); i++) {
                if (Collections.disjoint(uniqueStreams.get(roots.get(i)), uniqueStreams.get(mine))) {
                    mine = union(roots.remove(i), mine);
                    i--;
                }
            }
            roots.add(mine);
        }
    }

    private int union(int a, int b) {
        int root = Math.min(a, b);
        parent[Math.max(a, b)] = root;
        Set<StreamId> streams = new HashSet<>(uniqueStreams.get(a));
        streams.addAll(uniqueStreams.get(b));
        uniqueStreams.set(root, streams);
        return root;
    }

    private void explain(Shared shared) {
        Map<Integer, Integer> perRoot = new HashMap<>();
        for (int holder : shared.holders) {
            perRoot.merge(root(holder), 1, Integer::sum);
        }
        for (int holder : shared.holders) {
            if (rules[holder] == null && perRoot.getOrDefault(root(holder), 0) > 1) {
                rules[holder] = shared.link.name;
            }
        }
    }

    private int root(int i) {
        int root = i;
        while (parent[root] != root) {
            root = parent[root];
        }
        int step = i;
        while (parent[step] != root) {
            int next = parent[step];
            parent[step] = root;
            step = next;
        }
        return root;
    }
}
