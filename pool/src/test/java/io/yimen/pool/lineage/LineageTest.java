package io.yimen.pool.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.survivorship.Golden;
import io.yimen.pool.survivorship.Survivorship;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LineageTest {
    private static final PoolModel MODEL = PoolModel.standard();
    private static final EntityType TYPE = MODEL.getType("Organization");
    private static final StreamId CREDIT = new StreamId("credit", "organization");
    private static final Survivorship RULES = Survivorship.of(MODEL, Vault.of(new byte[32]), List.of());

    private static Claim says(StreamId stream, String key, List<Flag> flags, String... fieldsAndValues) {
        @Nullable String[] values = new String[TYPE.fields().size()];
        for (int i = 0; i < fieldsAndValues.length; i += 2) {
            values[TYPE.indexOf(fieldsAndValues[i])] = fieldsAndValues[i + 1];
        }
        return new Claim(new RecordRef(stream, key), 50, values, flags, null);
    }

    private static String pack(Golden golden) {
        return Lineage.pack(golden, stream -> 7);
    }

    @Test
    void namesEachOriginOnce() {
        Golden golden = RULES.of(TYPE, List.of(says(CREDIT, "4\"4", List.of(), "name", "甲社区居委会", "phone", "64220001")));

        assertThat(pack(golden)).isEqualTo("[[7,\"4\\\"4\",\"only\",\"name phone\"]]");
    }

    @Test
    void keepsApartWhatDiffersInAnything() {
        Golden golden = RULES.of(
                        TYPE,
                        List.of(says(
                                CREDIT,
                                "44",
                                List.of(new Flag("creditCode", "check-digit"), new Flag("creditCode", "kind")),
                                "name",
                                "甲社区居委会",
                                "creditCode",
                                "55110101MF00000001",
                                "phone",
                                "64220001")))
                .corrected(TYPE.indexOf("phone"), says(Lineage.CORRECTIONS, "3", List.of(), "phone", "64220009"));

        Map<String, Lineage.Origin> read = Lineage.unpack(pack(golden));

        assertThat(read)
                .containsOnly(
                        Map.entry("name", new Lineage.Origin(7, "44", "only", List.of())),
                        Map.entry("creditCode", new Lineage.Origin(7, "44", "only", List.of("check-digit", "kind"))),
                        Map.entry("phone", new Lineage.Origin(Lineage.PEOPLE, "3", "corrected", List.of())));
    }

    @Test
    void readsWhatWasPackedFieldByField() {
        assertThat(Lineage.unpack("""
                {"name": [7, "44", "rank"], "phone": [0, "3", "corrected"],
                 "creditCode": [7, "44", "only", ["check-digit", "kind"]]}
                """))
                .containsOnly(
                        Map.entry("name", new Lineage.Origin(7, "44", "rank", List.of())),
                        Map.entry("phone", new Lineage.Origin(0, "3", "corrected", List.of())),
                        Map.entry("creditCode", new Lineage.Origin(7, "44", "only", List.of("check-digit", "kind"))));
    }

    @Test
    void readsThatThereIsNothing() {
        assertThat(Lineage.unpack("{}")).isEmpty();
        assertThat(Lineage.unpack("[]")).isEmpty();
    }
}
