package io.yimen.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Claim;
import io.yimen.pool.survivorship.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The two registers of Beijing's divisions, which disagree: what becomes one place and what does not. */
class RegistersTest {
    private static final Path DATA = Path.of("../simulators/src/main/resources/io/yimen/simulators/data");
    /** Code of 2016 → code of 2023 of the same place. */
    private static final Map<String, String> MERGED = new HashMap<>();

    private static final Map<String, String> NAMES_2016 = new HashMap<>();
    private static final Map<String, String> NAMES_2023 = new HashMap<>();

    @BeforeAll
    static void mergeTheRegisters() throws IOException {
        List<ChangeEvent> events = new ArrayList<>();
        Map<String, String[]> rows = new HashMap<>();
        for (String[] row : csv("beijing_divisions_2023.csv")) {
            rows.put(row[0], row);
        }
        for (String[] row : rows.values()) {
            NAMES_2023.put(row[0], row[2]);
            String parent = row[3].isEmpty() ? "" : "place-code:2023|" + row[3];
            events.add(Fixture.says(
                    Fixture.PLACE_2023,
                    row[0],
                    1,
                    row[2],
                    row[1],
                    row[4],
                    row[0],
                    "2023",
                    parent,
                    above(row, "county", rows),
                    above(row, "town", rows)));
        }
        for (String[] row : csv("beijing_divisions_2016.csv")) {
            NAMES_2016.put(row[0], row[2]);
            String parent = row[1].isEmpty() ? "" : "place-code:2016|" + row[1];
            events.add(Fixture.says(
                    Fixture.PLACE_2016,
                    row[0],
                    1,
                    row[2],
                    row[3],
                    row[0],
                    "2016",
                    parent,
                    row[7],
                    row[8],
                    row[4],
                    row[5],
                    row[6]));
        }
        InMemoryPool pool = new InMemoryPool(Fixture.MODEL, Fixture.VAULT);
        Fixture.declareAll(pool);
        pool.apply(Fixture.batch(Fixture.run(pool), events));
        for (Golden golden : pool.derived().goldens()) {
            List<Claim> claims = golden.claims();
            assertThat(claims).hasSizeLessThanOrEqualTo(2);
            if (claims.size() == 2) {
                MERGED.put(claims.get(0).ref().key(), claims.get(1).ref().key());
            }
        }
    }

    private static String above(String[] row, String level, Map<String, String[]> rows) {
        for (String[] at = row; at != null; at = rows.get(at[3])) {
            if (at[1].equals(level)) {
                return at[2];
            }
        }
        return "";
    }

    private static List<String[]> csv(String file) throws IOException {
        return Files.readAllLines(DATA.resolve(file)).stream()
                .skip(1)
                .map(line -> line.split(",", -1))
                .toList();
    }

    @Test
    void everyPlaceWithTheSameCodeAndNameIsOne() {
        NAMES_2016.forEach((code, name) -> {
            if (name.equals(NAMES_2023.get(code))) {
                assertThat(MERGED).as(name).containsEntry(code, code);
            }
        });
    }

    @Test
    void restyledNamesOfOneCodeAreOne() {
        assertOne("110106006007", "万源西里社区居委会", "110106006007", "万源西里社区");
        assertOne("110118102213", "于家台村委会", "110118102213", "于家台村民委员会");
        assertOne("110111105221", "稻田二村委会", "110111105221", "稻田二村村委会");
        assertOne("110106101201", "沙锅村村委会", "110106101201", "沙锅村");
        assertOne("110105027011", "鸿博家园第二社区委员会", "110105027011", "鸿博家园第二社区居民委员会");
        assertOne("110101001000", "东华门街道办事处", "110101001000", "东华门街道");
        assertOne("110118110001", "冯家峪社区居民委员会", "110118110001", "冯家峪镇社区居民委员会");
    }

    @Test
    void placesThatMovedToAnotherCodeAreFoundByTownAndName() {
        assertOne("110105400001", "南路西里社区居委会", "110105020001", "南路西里社区居委会");
        assertOne("110106008020", "小屯社区居委会", "110106017007", "小屯社区");
        assertOne("110112005201", "永顺村村委会", "110112120201", "永顺村村委会");
        assertOne("110106100207", "赵辛店村委会", "110106011201", "赵辛店村");
    }

    @Test
    void namesWrittenOtherwiseUnderOneCodeAreFoundByWeights() {
        assertOne("110107004031", "滨河园燕堤南路社区居委会", "110107004031", "滨和园燕堤南路社区");
        assertOne("110109107210", "上达摩村委会", "110109107210", "上达么村委会");
        assertOne("110105019016", "东里社区居委会", "110105019016", "垡头东里社区居民委员会");
        assertOne("110101015004", "国家体育总局社区居委会", "110101015004", "体育总局社区居委会");
    }

    @Test
    void reusedCodesStayTwoPlaces() {
        // 革新里 moved to the code that 西革新里 had; its own went to 百荣嘉园.
        assertOne("110101017004", "革新里社区居委会", "110101017020", "革新里社区居委会");
        assertAlone("110101017020", "西革新里社区居委会");
        assertAlone("110105009053", "安苑里社区居委会");
        assertAlone("110106008000", "卢沟桥街道办事处");
        assertAlone("110117112207", "万家庄村委会");
        assertAlone("110101015007", "双玉南街社区居委会");
    }

    @Test
    void nearlyAllThatIsPureRestylingIsFoundAndNothingElse() {
        long sameCode = MERGED.entrySet().stream()
                .filter(e -> e.getKey().equals(e.getValue()))
                .count();
        long otherCode = MERGED.size() - sameCode;
        assertThat(sameCode).isEqualTo(5_480);
        assertThat(otherCode).isEqualTo(88);
    }

    private static void assertOne(String code2016, String name2016, String code2023, String name2023) {
        assertThat(NAMES_2016).containsEntry(code2016, name2016);
        assertThat(NAMES_2023).containsEntry(code2023, name2023);
        assertThat(MERGED).as(name2016).containsEntry(code2016, code2023);
    }

    private static void assertAlone(String code2016, String name2016) {
        assertThat(NAMES_2016).containsEntry(code2016, name2016);
        assertThat(MERGED).as(name2016).doesNotContainKey(code2016);
    }
}
