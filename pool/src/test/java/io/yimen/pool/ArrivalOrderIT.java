package io.yimen.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

class ArrivalOrderIT {
    private static final int HISTORIES = 40;

    @Test
    void incrementalDerivationEqualsTheTwinAfterEveryHistory() {
        long first = Long.getLong("yimen.seed", 20_260_101L);
        DataSource database = Database.create();
        PostgresPool pool = new PostgresPool(database, Fixture.MODEL, Fixture.VAULT, Clock.systemUTC());
        Set<String> operations = new HashSet<>();
        for (long seed = first; seed < first + HISTORIES; seed++) {
            Database.empty(database);
            Fixture.declareAll(pool);
            InMemoryPool twin = new InMemoryPool(Fixture.MODEL, Fixture.VAULT);
            Fixture.declareAll(twin);
            History history = History.of(seed, 12);
            history.tellTo(pool, seed + 1, seed % 2 == 0 ? 1 : 20);
            history.tellTo(twin, seed + 2, 10);
            assertThat(pool.contentHash()).as("-Dyimen.seed=%d", seed).isEqualTo(twin.contentHash());
            operations.addAll(List.of(Database.text(database, "select string_agg(distinct op, ' ') from pool.change")
                    .split(" ")));
        }
        assertThat(operations)
                .as("the histories are lively enough")
                .contains("CREATED", "UPDATED", "MERGED", "SPLIT", "RETIRED", "RESTORED");
    }
}
