package io.yimen.pool.identity.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LearnerTest {
    private static final String RULES = """
            rules: known
            version: 1
            entity: Person
            fields:
              a: {kind: code}
              b: {kind: code}
              c: {kind: code}
              d: {kind: code}
            blocking:
              - {key: [a, b]}
              - {key: [a, c]}
              - {key: [a, d]}
              - {key: [b, c]}
              - {key: [b, d]}
              - {key: [c, d]}
            unique: all
            cap: 50
            """;

    private static MatchIndex records(long seed, double[] agree) {
        MatchIndex index = new MatchIndex(MatchRules.parse("known", RULES));
        SplittableRandom dice = new SplittableRandom(seed);
        for (int i = 0; i < 4000; i++) {
            String[] left = new String[4];
            String[] right = new String[4];
            for (int f = 0; f < 4; f++) {
                left[f] = Integer.toString(dice.nextInt(5000));
                right[f] = dice.nextDouble() < agree[f] ? left[f] : Integer.toString(dice.nextInt(5000));
            }
            index.add(Hash.mix(2 * i), "left", left, null);
            if (i % 2 == 0) {
                index.add(Hash.mix(2 * i + 1), "right", right, null);
            }
        }
        return index;
    }

    @Test
    void findsTheWeightsThatTheRecordsWereMadeWith() {
        double[] agree = {0.95, 0.9, 0.8, 0.97};
        Weights weights = Learner.learn(records(1, agree));
        for (int f = 0; f < 4; f++) {
            assertThat(weights.m()[f][0]).as("m of field %s", f).isCloseTo(agree[f], offset(0.03));
            assertThat(weights.u()[f][0]).as("u of field %s", f).isCloseTo(1.0 / 5000, offset(0.0001));
        }
        // 2000 true pairs among 4000 times 2000
        assertThat(weights.prior()).isCloseTo(Weights.bits(1.0 / 4000), offset(0.25));
        assertThat(weights.uniqueSources()).containsExactlyInAnyOrder("left", "right");
    }

    @Test
    void isKeptAsText() {
        Weights weights = Learner.learn(records(1, new double[] {0.95, 0.9, 0.8, 0.97}));
        Weights again = Weights.fromJson(weights.toJson());
        assertThat(again.toJson()).isEqualTo(weights.toJson());
        assertThat(again.u()).isDeepEqualTo(weights.u());
    }

    @Test
    void learnsTheSameFromTheSameRecords() {
        double[] agree = {0.95, 0.9, 0.8, 0.97};
        Weights one = Learner.learn(records(1, agree));
        Weights two = Learner.learn(records(1, agree));
        assertThat(one.m()).isDeepEqualTo(two.m());
        assertThat(one.u()).isDeepEqualTo(two.u());
        assertThat(one.prior()).isEqualTo(two.prior());
    }
}
