package io.yimen.connectors.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.manifest.Manifest;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From canonical values back into the columns of the catalog's systems. */
class InverseTest {
    private static Inverse inverse(String path) {
        String[] parts = path.split("/");
        Manifest.Stream stream = Catalog.manifest(parts[0]).streams().stream()
                .filter(s -> s.id().equals(parts[1]))
                .findFirst()
                .orElseThrow();
        return Inverse.of(stream, parts[2], ZoneId.of("Asia/Shanghai"));
    }

    private static @Nullable String[] row(Inverse inverse, Map<String, String> values) {
        @Nullable String[] row = new @Nullable String[inverse.columns().size()];
        for (int i = 0; i < row.length; i++) {
            row[i] = values.getOrDefault(inverse.columns().names().get(i), "");
        }
        return row;
    }

    @ParameterizedTest
    @CsvSource({
        // as the column is written: the canonical value, what goes into the column
        "community/resident/phone, 无, 13900139000, 13900139000",
        "community/resident/birthDate, 1990-01-02, 1990-01-03, 1990-01-03",
        "election/candidate-person/birthDate, 19900102, 1990-01-03, 19900103",
        "community/resident/sex, 1, 2, 2",
        "community/home/use, 1, RENTED, 2",
        "community/household/name, 张三, 李四户, 李四",
        "community/resident/name, 張三 , 李䶮, 李䶮",
        "election/election/registeredVoters, 12, 13, 13",
        "election/candidacy/elected, N, true, Y",
        "community/resident/phone, 13900139000, '', ''",
    })
    void whatIsWrittenIsReadAsItWasMeant(String field, String raw, String value, String expected) {
        Inverse inverse = inverse(field);
        @Nullable String[] row = row(inverse, Map.of(inverse.column(), raw));
        assertThat(inverse.raw(row, value)).contains(expected);
    }

    @Test
    void aNameKeepsWhatStandsBeforeItInItsSystem() {
        Inverse inverse = inverse("election/committee/name");
        Map<String, String> values = Map.of("jwmc", "北京市东城区东华门街道多福巷社区居委会", "qx", "东城区", "jz", "东华门街道");
        assertThat(inverse.read(row(inverse, values))).contains("多福巷社区居委会");
        assertThat(inverse.raw(row(inverse, values), "银闸社区居委会")).contains("北京市东城区东华门街道银闸社区居委会");
        assertThat(inverse.raw(row(inverse, Map.of("jwmc", "多福巷社区居委会")), "银闸社区居委会"))
                .contains("银闸社区居委会");
    }

    @ParameterizedTest
    @CsvSource({
        "community/home/use, 1, PALACE",
        "community/resident/birthDate, 1990-01-02, 1990-02-31",
        "community/household/name, 张三, 李四",
        "community/resident/phone, 1, 12-34 转 5"
    })
    void whatTheSystemHasNoWayToSayIsNotWritten(String field, String raw, String value) {
        Inverse inverse = inverse(field);
        assertThat(inverse.raw(row(inverse, Map.of(inverse.column(), raw)), value))
                .isEmpty();
    }

    @Test
    void whatDoesNotFitTheMappingIsNoAnswer() {
        Inverse inverse = inverse("community/home/use");
        assertThat(inverse.read(row(inverse, Map.of("fwyt", "9")))).isEqualTo(Optional.empty());
    }

    @Test
    void whatIsMadeOfSeveralColumnsHasNoWayBack() {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> inverse("community/home/name"));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> inverse("community/home/place"));
    }

    /** Whatever the catalog lets be written, of whatever its tests give: written and read it is the same again. */
    @Test
    void everythingThatTheCatalogLetsBeWrittenComesBack() {
        List<String> seen = new ArrayList<>();
        for (String id : List.of("community", "election")) {
            for (Manifest.Stream stream : Catalog.manifest(id).streams()) {
                if (stream.writeBack() == null) {
                    continue;
                }
                for (String field : stream.writeBack().fields()) {
                    Inverse inverse = Inverse.of(stream, field, ZoneId.of("Asia/Shanghai"));
                    for (Manifest.Example test : stream.tests()) {
                        @Nullable
                        String[] row = new @Nullable String[inverse.columns().size()];
                        for (int i = 0; i < row.length; i++) {
                            row[i] = test.body()
                                    .path("given")
                                    .path(inverse.columns().names().get(i))
                                    .asText("");
                        }
                        inverse.read(row).ifPresent(value -> {
                            seen.add(field);
                            @Nullable String[] other = row.clone();
                            other[inverse.columns().indexOf(inverse.column())] = "";
                            Optional<String> raw = inverse.raw(other, value);
                            assertThat(raw)
                                    .as("%s/%s/%s", id, stream.id(), field)
                                    .isPresent();
                        });
                    }
                }
            }
        }
        assertThat(seen).hasSizeGreaterThan(20);
    }
}
