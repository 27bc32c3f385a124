package io.yimen.bench.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowsTest {
    @Test
    void makesTheSameRowsAgainFromTheSameSeed() {
        List<String> once = texts(Rows.list(Width.WIDE, 7, 1, 500));
        assertThat(texts(Rows.list(Width.WIDE, 7, 1, 500))).isEqualTo(once).hasSize(500);
        assertThat(texts(Rows.list(Width.WIDE, 8, 1, 500))).isNotEqualTo(once);
    }

    @Test
    void aNarrowRowIsTheBeginningOfAWideOne() {
        List<Rows.Row> narrow = Rows.list(Width.NARROW, 7, 1, 200);
        assertThat(narrow).allSatisfy(row -> assertThat(row.values()).hasSize(4));
        assertThat(Rows.list(Width.WIDE, 7, 1, 200))
                .allSatisfy(row -> assertThat(row.values()).hasSize(60));
        assertThat(narrow).extracting(Rows.Row::table).contains(0, 1, 2, 3);
    }

    private static List<String> texts(List<Rows.Row> rows) {
        return rows.stream().map(r -> r.table() + Arrays.toString(r.values())).toList();
    }
}
