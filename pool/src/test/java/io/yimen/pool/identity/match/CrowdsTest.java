package io.yimen.pool.identity.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CrowdsTest {
    @Test
    void findsWhatWasPutAndNotRemoved() {
        SplittableRandom dice = new SplittableRandom(7);
        Crowds crowds = new Crowds();
        Map<Long, int[]> expected = new HashMap<>();
        for (int i = 0; i < 50_000; i++) {
            // 0 is a key like any other
            long key = dice.nextInt(900) * (1L << dice.nextInt(2) * 32);
            if (dice.nextInt(3) == 0) {
                crowds.remove(key);
                expected.remove(key);
            } else {
                int[] who = {i};
                crowds.put(key, who);
                expected.put(key, who);
            }
            long asked = dice.nextInt(900);
            assertThat(crowds.get(asked)).as("step %d", i).isSameAs(expected.get(asked));
        }
        expected.forEach((key, who) -> assertThat(crowds.get(key)).isSameAs(who));
    }
}
