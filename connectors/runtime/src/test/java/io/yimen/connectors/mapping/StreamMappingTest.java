package io.yimen.connectors.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StreamMappingTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Columns COLUMNS = new Columns(List.of("id", "value", "other"));

    private final List<Object> out = new ArrayList<>();

    private Object map(String function, String options, @Nullable String value) {
        return map(function, options, value, "1");
    }

    private Object map(String function, String options, @Nullable String value, @Nullable String key) {
        ObjectNode rule;
        try {
            rule = (ObjectNode) JSON.readTree("{" + options.replace('\'', '"') + "}");
        } catch (java.io.IOException e) {
            throw new IllegalArgumentException(e);
        }
        Manifest.FieldRule field = new Manifest.FieldRule(
                "field",
                function.equals("concat") ? List.of("value", "other") : List.of("value"),
                function,
                false,
                rule.has("empty") ? Set.of(rule.path("empty").asText()) : Set.of(),
                "test",
                rule);
        Manifest.Stream stream = new Manifest.Stream(
                "s",
                "t",
                "Person",
                List.of("id"),
                null,
                1,
                false,
                DeletePolicy.NONE,
                0.2,
                null,
                null,
                List.of(field),
                List.of());
        return mapped(StreamMapping.compile(stream, "x", COLUMNS, ZoneId.of("Asia/Shanghai")), key, value);
    }

    private Object mapped(StreamMapping mapping, @Nullable String key, @Nullable String value) {
        out.clear();
        mapping.map(new @Nullable String[] {key, value, "东城区"}, Position.of(5), new StreamMapping.Output() {
            @Override
            public void event(ChangeEvent event) {
                out.add(event);
            }

            @Override
            public void rejected(Rejected rejected) {
                out.add(rejected);
            }

            @Override
            public void skipped(StreamMapping mapping, String key) {
                out.add("skipped");
            }
        });
        assertThat(out).hasSize(1);
        return out.get(0);
    }

    private @Nullable String value(String function, String options, @Nullable String raw) {
        Object result = map(function, options, raw);
        assertThat(result).isInstanceOf(ChangeEvent.class);
        return ((ChangeEvent) result).value(0);
    }

    private String reason(String function, String options, String raw) {
        Object result = map(function, options, raw);
        assertThat(result).isInstanceOf(Rejected.class);
        assertThat(((Rejected) result).field()).isEqualTo("value");
        return ((Rejected) result).reason();
    }

    @Test
    void missingIsNotObservedAndBlankIsEmpty() {
        for (String function : List.of("text", "name", "integer", "date", "idNumber", "creditCode", "phone")) {
            assertThat(value(function, "", null)).isNull();
            assertThat(value(function, "", "")).isEmpty();
            assertThat(value(function, "", " \u3000 ")).isEmpty();
        }
        assertThat(value("text", "'empty':'无'", "无")).isEmpty();
    }

    @Test
    void rareCharactersComeThrough() {
        assertThat(value("name", "", "䶮𠮷")).isEqualTo("䶮𠮷");
        assertThat(value("name", "", "\u3000䶮 𠮷\u200b ")).isEqualTo("䶮𠮷");
        assertThat(value("text", "", " 䶮𠮷\uFEFF")).isEqualTo("䶮𠮷");
        assertThat(value("name", "", "阿依古丽·买买提")).isEqualTo("阿依古丽·买买提");
        assertThat(value("name", "", "John  Smith")).isEqualTo("John Smith");
        assertThat(value("name", "", "ＡＢ区")).isEqualTo("AB区");
    }

    @Test
    void prefixesGoOnlyTogetherAndNeverTakeTheWholeName() {
        String options = "'stripPrefix':['北京市','{other}','西集镇']";
        assertThat(value("name", options, "北京市东城区多福巷社区")).isEqualTo("多福巷社区");
        assertThat(value("name", options, "东城区社区")).isEqualTo("东城区社区");
        assertThat(value("name", options, "北京市东城区西集镇居民委员会")).isEqualTo("西集镇居民委员会");
    }

    @Test
    void longestEndingCounts() {
        String options = "'endings':{'社区':'社区居委会','村':'村村委会'}";
        assertThat(value("name", options, "翠林一里社区")).isEqualTo("翠林一里社区居委会");
        assertThat(value("ending", "'values':{'村':'CWH','新村':'JWH'}", "花乡新村")).isEqualTo("JWH");
    }

    @Test
    void datesAreThoseOfTheCalendar() {
        assertThat(value("date", "", "2024-02-29")).isEqualTo("2024-02-29");
        assertThat(value("date", "'pattern':'yyyyMMdd'", "２０２４０２２９")).isEqualTo("2024-02-29");
        assertThat(value("date", "'pattern':'yyyy/M/d'", "2024/2/9")).isEqualTo("2024-02-09");
        assertThat(reason("date", "", "2023-02-29")).isEqualTo("invalid-date");
        assertThat(reason("date", "'pattern':'yyyyMMdd'", "2023 229")).isEqualTo("invalid-date");
        assertThat(reason("date", "'pattern':'yyyy/M/d'", "2023/2/30")).isEqualTo("invalid-date");
    }

    @Test
    void timesWithoutZoneAreThoseOfTheDeclaredZone() {
        assertThat(value("timestamp", "", "2024-05-01 08:00:00")).isEqualTo("2024-05-01T00:00:00Z");
        assertThat(value("timestamp", "", "2024-05-01T08:00:00+01:00")).isEqualTo("2024-05-01T07:00:00Z");
        assertThat(value("timestamp", "'pattern':'yyyyMMddHHmm'", "202405010800"))
                .isEqualTo("2024-05-01T00:00:00Z");
        assertThat(reason("timestamp", "", "2024-05-01 25:00:00")).isEqualTo("invalid-timestamp");
    }

    private @Nullable Object stated(Manifest.@Nullable Updated updated, @Nullable String raw) {
        Manifest.FieldRule field = new Manifest.FieldRule(
                "field", List.of("other"), "text", false, Set.of(), "test", JSON.createObjectNode());
        Manifest.Stream stream = new Manifest.Stream(
                "s",
                "t",
                "Person",
                List.of("id"),
                null,
                1,
                false,
                DeletePolicy.NONE,
                0.2,
                updated,
                null,
                List.of(field),
                List.of());
        StreamMapping mapping = StreamMapping.compile(stream, "x", COLUMNS, ZoneId.of("Asia/Shanghai"));
        Object result = mapped(mapping, "1", raw);
        return result instanceof ChangeEvent event ? event.statedAt() : ((Rejected) result).reason();
    }

    @Test
    void theSourcesOwnTimeComesWithTheRecord() {
        Manifest.Updated column = new Manifest.Updated("value", null, null);
        Instant eight = Instant.parse("2024-05-01T00:00:00Z");
        assertThat(stated(column, "2024-05-01 08:00:00")).isEqualTo(eight);
        assertThat(stated(column, "2024-05-01T08:00")).isEqualTo(eight);
        assertThat(stated(column, "2024-05-01 08:00:00.1234567"))
                .as("as finely as it is stored")
                .isEqualTo(Instant.parse("2024-05-01T00:00:00.123456Z"));
        assertThat(stated(column, "2024-05-01 00:00:00+00")).isEqualTo(eight);
        assertThat(stated(column, "2024-05-01T00:00:00Z")).isEqualTo(eight);
        assertThat(stated(column, "2024-05-01")).isEqualTo(Instant.parse("2024-04-30T16:00:00Z"));
        assertThat(stated(new Manifest.Updated("value", "yyyyMMddHHmmss", "UTC"), "20240501000000"))
                .isEqualTo(eight);
        assertThat(stated(new Manifest.Updated("value", "yyyy/M/d", null), "2024/5/1"))
                .isEqualTo(Instant.parse("2024-04-30T16:00:00Z"));
        assertThat(stated(null, "2024-05-01 08:00:00")).isNull();
    }

    @Test
    void aRecordThatStatesNoTimeIsTakenAndOneThatStatesNonsenseIsNot() {
        Manifest.Updated column = new Manifest.Updated("value", null, null);
        assertThat(stated(column, null)).isNull();
        assertThat(stated(column, " ")).isNull();
        assertThat(stated(column, "2024-02-30 08:00:00")).isEqualTo("invalid-timestamp");
        assertThat(stated(column, "0024-02-03 08:00:00")).isEqualTo("invalid-timestamp");
        assertThat(stated(column, "+292277026596-12-04T15:30:08")).isEqualTo("invalid-timestamp");
        assertThat(stated(column, "昨天")).isEqualTo("invalid-timestamp");
    }

    @Test
    void numbersArePlain() {
        assertThat(value("integer", "", " ００12 ")).isEqualTo("12");
        assertThat(value("decimal", "", "116.4100")).isEqualTo("116.41");
        assertThat(value("decimal", "", "-0.00")).isEqualTo("0");
        assertThat(reason("integer", "", "1e5")).isEqualTo("invalid-number");
        assertThat(reason("decimal", "", "1e999999999")).isEqualTo("invalid-number");
        assertThat(reason("integer", "", "1234567890123456789")).isEqualTo("invalid-number");
    }

    @Test
    void idNumbersThatCannotBeOneAreRejectedWithoutShowingThem() {
        assertThat(value("idNumber", "", "11010118860725511x")).isEqualTo("11010118860725511X");
        for (String wrong : List.of("110105189802290017", "110101189012073803", "11010118", "999999188607255110")) {
            Rejected rejected = (Rejected) map("idNumber", "", wrong);
            assertThat(rejected.reason()).isEqualTo("invalid-id-number");
            assertThat(rejected.message()).startsWith("value is no ID number").doesNotContain(wrong);
            assertThat(rejected.toString()).doesNotContain(wrong);
            assertThat(new String(rejected.raw(), StandardCharsets.UTF_8)).contains(wrong);
        }
    }

    @Test
    void creditCodesThatFailTheCheckAreKeptAndFlagged() {
        ChangeEvent good = (ChangeEvent) map("creditCode", "", " 91620100719023721l ");
        assertThat(good.value(0)).isEqualTo("91620100719023721L");
        assertThat(good.flags()).isEmpty();
        assertThat(((ChangeEvent) map("creditCode", "", "无")).flags()).containsExactly(new Flag("field", "malformed"));
        ChangeEvent wrong = (ChangeEvent) map("creditCode", "", "91350203M0001QKT19");
        assertThat(wrong.value(0)).isEqualTo("91350203M0001QKT19");
        assertThat(wrong.flags()).containsExactly(new Flag("field", "check-digit"));
    }

    @Test
    void codesOutsideTheTableAreRejectedUnlessSaidOtherwise() {
        assertThat(value("code", "'values':{'1':'A'}", " １ ")).isEqualTo("A");
        assertThat(value("code", "'values':{'1':'A'},'otherwise':'X'", "2")).isEqualTo("X");
        assertThat(reason("code", "'values':{'1':'A'}", "2")).isEqualTo("unknown-code");
        assertThat(reason("code", "'pattern':'[0-9]{3}'", "12")).isEqualTo("pattern-mismatch");
        assertThat(value("boolean", "'true':['Y'],'false':['N']", "N")).isEqualTo("false");
        assertThat(reason("boolean", "'true':['Y'],'false':['N']", "?")).isEqualTo("unknown-code");
    }

    @Test
    void concatAndReference() {
        assertThat(value("concat", "'format':'{other}-{value}号'", "5")).isEqualTo("东城区-5号");
        assertThat(value("reference", "'to':'place-code:2023|{}'", "110101 ")).isEqualTo("place-code:2023|110101");
        assertThat(value("reference", "'to':'place-code:2023|{}'", "")).isEmpty();
    }

    @Test
    void phonesAreDigitsAndOthersAreKeptAndFlagged() {
        assertThat(value("phone", "", "010-6512 0001")).isEqualTo("01065120001");
        ChangeEvent odd = (ChangeEvent) map("phone", "", "见公告");
        assertThat(odd.value(0)).isEqualTo("见公告");
        assertThat(odd.flags()).containsExactly(new Flag("field", "phone-form"));
    }

    @Test
    void nulAndHugeRowsAreRejectedWhole() {
        Rejected nul = (Rejected) map("text", "", "a\0b");
        assertThat(nul.reason()).isEqualTo("nul-character");
        String huge = "长".repeat(4 << 20);
        Rejected large = (Rejected) map("text", "", huge);
        assertThat(large.reason()).isEqualTo("too-large");
        assertThat(large.raw().length).isGreaterThan(10 << 20);
        Rejected keyless = (Rejected) map("text", "", "x", "");
        assertThat(keyless.reason()).isEqualTo("missing-key");
        assertThat(keyless.key()).startsWith("sha256:");
    }
}
