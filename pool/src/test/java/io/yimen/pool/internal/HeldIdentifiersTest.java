package io.yimen.pool.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.internal.Identifiers.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeldIdentifiersTest {
    private static final List<String> NAMES = List.of("id-number", "code-name");

    private final HeldIdentifiers held = new HeldIdentifiers(NAMES);

    @Test
    void tellsWhoHoldsAValueAndWhatARecordHolds() {
        Value number = new Value("id-number", "x1");
        Value name = new Value("code-name", "110101|永安里䶮𠮷");

        held.put(3, Set.of(number, name));
        held.put(700, Set.of(number));

        assertThat(held.of(3)).containsExactlyInAnyOrder(number, name);
        assertThat(holders(number)).containsExactlyInAnyOrder(3, 700);
        assertThat(holders(name)).containsExactly(3);
        assertThat(holders(new Value("code-name", "x1"))).isEmpty();
        assertThat(holders(new Value("unknown", "x1"))).isEmpty();
        assertThat(held.of(5)).isEmpty();
        assertThat(held.of(100_000)).isEmpty();
    }

    /** Against sets, with so few values that many share one, and so many changes that what is unused is let go of. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void isWhatSetsSay(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<Integer, Set<Value>> expected = new HashMap<>();
        for (int step = 0; step < 40_000; step++) {
            int record = random.nextInt(300);
            if (random.nextInt(3) == 0) {
                held.remove(record);
                expected.remove(record);
            } else {
                // What is told later has other values: those of before die out.
                int age = step / 5;
                Set<Value> values = new HashSet<>();
                for (int n = random.nextInt(4); n > 0; n--) {
                    values.add(new Value(NAMES.get(random.nextInt(2)), "值" + (age + random.nextInt(60))));
                }
                held.put(record, values);
                expected.put(record, values);
            }
            if (step % 1_000 == 0) {
                check(expected);
            }
        }
        check(expected);
        assertThat(held.bytes()).as("what died out is let go of").isLessThan(100_000);
    }

    private void check(Map<Integer, Set<Value>> expected) {
        Map<Value, Set<Integer>> byValue = new HashMap<>();
        for (int record = 0; record < 300; record++) {
            Set<Value> values = expected.getOrDefault(record, Set.of());
            assertThat(held.of(record)).isEqualTo(values);
            for (Value value : values) {
                byValue.computeIfAbsent(value, v -> new HashSet<>()).add(record);
            }
        }
        byValue.forEach((value, records) -> assertThat(holders(value)).containsExactlyInAnyOrderElementsOf(records));
    }

    private Set<Integer> holders(Value value) {
        Set<Integer> slots = new HashSet<>();
        held.forEachHolder(value, slot -> assertThat(slots.add(slot)).isTrue());
        return slots;
    }
}
