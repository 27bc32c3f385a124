package io.yimen.pool.identity.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecordKeysTest {
    @Test
    void keysAreWhatWasPutLastHoweverOftenSlotsAreUsedAgain() {
        Random random = new Random(7);
        RecordKeys keys = new RecordKeys();
        Map<Integer, String> expected = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            int slot = random.nextInt(500);
            String key = switch (random.nextInt(4)) {
                case 0 -> "";
                case 1 -> Integer.toString(i);
                case 2 -> "户" + i + "𠮷";
                default -> "k".repeat(random.nextInt(400)) + i;
            };
            keys.put(slot, key);
            expected.put(slot, key);
        }
        expected.forEach((slot, key) -> {
            assertThat(keys.get(slot)).isEqualTo(key);
            assertThat(keys.is(slot, key)).isTrue();
            assertThat(keys.is(slot, key + "x")).isFalse();
            assertThat(keys.is(slot, "户")).isEqualTo(key.equals("户"));
        });
        assertThat(keys.bytes()).as("what is not used any more is given back").isLessThan(500 * 2_500);
    }
}
