package io.yimen.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArrivalOrderTest {
    private static final int HISTORIES = 1_000;

    @Test
    void orderOfArrivalAcrossSourcesAndSizeOfBatchesDoNotMatter() {
        long first = Long.getLong("yimen.seed", 20_260_101L);
        for (long seed = first; seed < first + HISTORIES; seed++) {
            History history = History.of(seed, 12);
            assertThat(hash(history, seed + 1, 1)).as("-Dyimen.seed=%d", seed).isEqualTo(hash(history, seed + 2, 30));
        }
    }

    private static String hash(History history, long order, int size) {
        InMemoryPool pool = new InMemoryPool(Fixture.MODEL, Fixture.VAULT);
        Fixture.declareAll(pool);
        history.tellTo(pool, order, size);
        return pool.contentHash();
    }
}
