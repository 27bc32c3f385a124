package io.yimen.pool.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.identity.Clustering.Link;
import io.yimen.pool.identity.Clustering.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ClusteringTest {
    @Test
    void sharedIdentifierJoins() {
        assertThat(clusters(node("a", "1", true, "0:x"), node("b", "1", true, "0:x"), node("b", "2", true, "0:y")))
                .isEqualTo("a1 b1 | b2");
    }

    @Test
    void recordsOfAUniqueStreamAreNeverBroughtTogether() {
        assertThat(clusters(
                        node("a", "1", true, "0:x"),
                        node("a", "2", true, "0:y"),
                        node("b", "1", true, "0:x", "1:y2"),
                        node("c", "1", true, "0:y", "1:y2")))
                .isEqualTo("a1 b1 | a2 c1");
    }

    @Test
    void identifierThatTwoRecordsOfAUniqueStreamShareLinksNothing() {
        assertThat(clusters(node("a", "1", true, "0:x"), node("a", "2", true, "0:x"), node("b", "1", false, "0:x")))
                .isEqualTo("a1 | a2 | b1");
    }

    @Test
    void strongerIdentifierGoesFirst() {
        assertThat(clusters(
                        node("a", "1", true, "1:n"), node("a", "2", true, "0:c"), node("b", "1", true, "0:c", "1:n")))
                .isEqualTo("a1 | a2 b1");
    }

    @Test
    void memberTellsTheStrongestIdentifierThatItShares() {
        List<Clustering.Cluster> clusters = Clustering.of(
                List.of(node("a", "1", true, "0:x", "1:y"), node("b", "1", true, "0:x"), node("c", "1", true, "1:y")));
        assertThat(clusters).hasSize(1);
        assertThat(clusters.get(0).members())
                .extracting(Clustering.Member::rule)
                .containsExactly("id0", "id0", "id1");
    }

    @Test
    void orderOfTheInputDoesNotMatter() {
        long seed = Long.getLong("yimen.seed", 7L);
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            List<Node> nodes = new ArrayList<>();
            for (int n = 0; n < 8; n++) {
                String stream = "abc".substring(n % 3, n % 3 + 1);
                nodes.add(
                        node(stream, "" + n, !stream.equals("c"), "0:" + random.nextInt(5), "1:" + random.nextInt(4)));
            }
            String expected = clusters(nodes.toArray(Node[]::new));
            Collections.shuffle(nodes, random);
            assertThat(clusters(nodes.toArray(Node[]::new)))
                    .as("-Dyimen.seed=%d", seed)
                    .isEqualTo(expected);
        }
    }

    private static Node node(String stream, String key, boolean unique, String... links) {
        return new Node(
                new RecordRef(new StreamId("s", stream), key),
                unique,
                Arrays.stream(links)
                        .map(l -> new Link(l.charAt(0) - '0', "id" + l.charAt(0), l.substring(2)))
                        .toList());
    }

    private static String clusters(Node... nodes) {
        return Clustering.of(List.of(nodes)).stream()
                .map(c -> c.members().stream()
                        .map(m -> m.ref().stream().stream() + m.ref().key())
                        .collect(Collectors.joining(" ")))
                .collect(Collectors.joining(" | "));
    }
}
