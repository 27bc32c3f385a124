package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.yimen.integration.HubClient.Answer;
import java.nio.charset.Charset;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIf;

/** What people put right goes back into the community system, though hub and system come and go. */
@EnabledIf("io.yimen.simulators.EmbeddedMariaDb#isAvailable")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WriteBackIT {
    private final TestBed bed = new TestBed(new TestBed.Size("write-back", 19, 10, Set.of("110101"), 400, false));
    private final List<String> used = new ArrayList<>();

    @BeforeAll
    void fill() {
        bed.writeDrop();
        bed.hub().with("yimen.corrections.write-back", "community").start();
        bed.awaitSettled();
        bed.putAccounts();
    }

    @AfterAll
    void close() {
        bed.close();
    }

    /** Residents of whom nobody else knows: their keys, and what they are in the pool. */
    private Map<String, String> residents(int number) {
        Map<String, String> found = new LinkedHashMap<>();
        bed.tables().rows("""
                        select r.key, e.id::text from source_record r join stream s on s.id = r.stream_id
                          join entity e on e.id = r.entity_id
                         where s.stream = 'resident' and e.records = 1 and r.fields ->> 'address' <> '' order by e.id""").stream()
                .filter(row -> !used.contains(row.get(0)))
                .limit(number)
                .forEach(row -> found.put(row.get(0), row.get(1)));
        used.addAll(found.keySet());
        assertThat(found).hasSize(number);
        return found;
    }

    private String correct(String entity, String address) {
        Answer made = bed.admin()
                .post(
                        "/corrections",
                        Map.of(
                                "ledger", "persons", "id", entity, "field", "address", "value", address, "reason",
                                "入户核对"));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.json().path("id").asText();
    }

    private String address(String key) {
        try (Connection connection = bed.communitySystem().connect();
                PreparedStatement select = connection.prepareStatement("select hex(xzdz) from t_rk where rk_id = ?")) {
            select.setString(1, key);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                // The bytes themselves: a driver has no word for what GBK lacks.
                return new String(HexFormat.of().parseHex(row.getString(1)), Charset.forName("GB18030"));
            }
        } catch (SQLException e) {
            // It is away for a moment.
            return "";
        }
    }

    private JsonNode detail(String correction) {
        return bed.admin().get("/corrections/" + correction).body();
    }

    private void awaitAgreed(String correction) {
        await("correction " + correction + " in the system and back")
                .atMost(TestBed.PATIENCE)
                .until(() -> detail(correction).at("/correction/ended").asText().equals("AGREED"));
        assertThat(detail(correction).at("/tickets/0/state").asText()).isEqualTo("FIXED");
        await().atMost(TestBed.PATIENCE)
                .until(() -> detail(correction)
                        .at("/tickets/0/writeBack/state")
                        .asText()
                        .equals("WRITTEN"));
    }

    private long written() {
        return bed.tables().number("select count(*) from audit where action = 'WRITE_BACK'");
    }

    @Test
    void aCorrectionIsInTheSystemWithinMomentsAndItsEchoIsNoNews() {
        Map.Entry<String, String> resident = residents(1).entrySet().iterator().next();
        String stated = "select stated_at::text from source_record r join stream s on s.id = r.stream_id"
                + " where s.stream = 'resident' and r.key = ?";
        String before = bed.tables().rows(stated, resident.getKey()).get(0).get(0);
        long writes = written();

        String correction = correct(resident.getValue(), "多福巷小区䶮1号楼");

        awaitAgreed(correction);
        assertThat(address(resident.getKey())).isEqualTo("多福巷小区䶮1号楼");
        assertThat(bed.tables().rows(stated, resident.getKey()).get(0).get(0))
                .as("when the record was stated")
                .isEqualTo(before);
        assertThat(written()).isEqualTo(writes + 1);
        assertThat(detail(correction).findValuesAsText("what")).containsExactly("PROPOSED", "ACCEPTED", "AGREED");

        // The system is away when it is put right.
        Map.Entry<String, String> other = residents(1).entrySet().iterator().next();
        bed.communitySystem().database().stop();
        String late = correct(other.getValue(), "多福巷小区2号楼");
        bed.communitySystem().database().start();
        awaitAgreed(late);
        bed.rebuildVerify();
    }

    @Test
    void nothingIsLostOrWrittenTwiceWhenTheHubIsKilledInTheMiddle() {
        Map<String, String> residents = residents(40);
        long writes = written();
        Map<String, String> corrections = new LinkedHashMap<>();
        residents.forEach((key, entity) -> corrections.put(key, correct(entity, "多福巷小区" + key + "号楼")));
        await("some of them written")
                .atMost(TestBed.PATIENCE)
                .until(() ->
                        residents.keySet().stream().anyMatch(key -> address(key).equals("多福巷小区" + key + "号楼")));
        bed.hub().kill();
        bed.hub().start();

        corrections.values().forEach(this::awaitAgreed);
        residents.keySet().forEach(key -> assertThat(address(key)).isEqualTo("多福巷小区" + key + "号楼"));
        assertThat(written()).as("audit lines").isEqualTo(writes + 40);
        assertThat(bed.tables().unbalancedRuns()).isEmpty();
        bed.rebuildVerify();
    }
}
