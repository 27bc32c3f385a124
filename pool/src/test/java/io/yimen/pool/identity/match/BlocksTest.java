package io.yimen.pool.identity.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlocksTest {
    @Test
    void holdsWhatWasAddedAndNotRemoved() {
        SplittableRandom dice = new SplittableRandom(42);
        Blocks blocks = new Blocks();
        Map<Long, Set<Integer>> expected = new HashMap<>();
        for (int i = 0; i < 60_000; i++) {
            long key = Hash.mix(dice.nextInt(1500) * dice.nextInt(2) + dice.nextInt(5));
            int record = dice.nextInt(400);
            Set<Integer> set = expected.computeIfAbsent(key, k -> new HashSet<>());
            if (set.remove(record)) {
                assertThat(blocks.remove(key, record)).isEqualTo(set.size());
            } else {
                set.add(record);
                assertThat(blocks.add(key, record)).isEqualTo(set.size());
            }
        }
        expected.forEach((key, set) -> {
            int[] members = new int[blocks.count(key)];
            blocks.members(key, members);
            assertThat(members)
                    .containsExactlyInAnyOrder(
                            set.stream().mapToInt(Integer::intValue).toArray());
        });
    }
}
