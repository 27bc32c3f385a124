package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What the election system corrects later wins, or does not, as the rules of a person say: a telephone number goes by
 * the time that the system itself states, a name by who is trusted more.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SurvivorshipIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String MEMBER = "member-person";
    private static final String CANDIDATE = "candidate-person";

    private final TestBed bed = new TestBed(TestBed.Size.small("survivorship").withoutBroker());

    /** One person of whom both tables speak, by their keys; no other row speaks of him or her. */
    private record Both(String member, String candidate) {}

    @BeforeAll
    void fill() {
        bed.writeDrop();
        bed.hub().start();
        bed.awaitSettled();
        bed.putAccounts();
    }

    @AfterAll
    void close() {
        bed.close();
    }

    @Test
    void aLaterTelephoneNumberWinsWhoeverWroteItDown() {
        Both person = both().get(0);
        election("update t_hxr set sjh = '13900000001', gxsj = '2031-01-01 08:00:00' where hxr_id = "
                + person.candidate);
        JsonNode phone = awaitWinner(person, "phone", CANDIDATE);
        assertThat(phone.path("rule").asText()).isEqualTo("recency");
        assertThat(phone.path("criteria").toString()).isEqualTo("[\"sound\",\"recency\",\"trust\"]");
        JsonNode winner = phone.path("claims").get(0);
        assertThat(winner.path("statedAt").asText()).isEqualTo("2031-01-01T00:00:00Z");
        assertThat(winner.path("value").asText())
                .as("masked")
                .startsWith("139")
                .endsWith("0001")
                .contains("****");
        JsonNode other = phone.path("claims").get(1);
        assertThat(other.path("stream").asText()).isEqualTo(MEMBER);
        assertThat(other.path("rank").asInt()).isEqualTo(2);
        assertThat(other.path("lostBy").asText()).isEqualTo("recency");

        // It arrives later, and yet says that it changed before.
        election("update t_cy set sjh = '13900000002', gxsj = '2030-01-01 08:00:00' where cy_id = " + person.member);
        awaitStated(person, "2030-01-01T00:00:00Z");
        assertThat(lineage(person, "phone").path("claims").get(0).path("stream").asText())
                .isEqualTo(CANDIDATE);

        election("update t_cy set sjh = '13900000002', gxsj = '2032-01-01 08:00:00' where cy_id = " + person.member);
        awaitWinner(person, "phone", MEMBER);
        assertPoolIsWhatTheSourcesAre();
    }

    @Test
    void aLaterNameOfACandidateDoesNotBeatTheMembers() {
        Both person = both().get(1);
        String before =
                lineage(person, "name").path("claims").get(0).path("value").asText();
        election("update t_hxr set xm = '欧阳改', gxsj = '2031-01-01 08:00:00' where hxr_id = " + person.candidate);
        await("the candidate's new name in the pool")
                .atMost(PATIENCE)
                .until(() -> lineage(person, "name").toString().contains("欧阳改"));
        JsonNode name = lineage(person, "name");
        assertThat(name.path("rule").asText()).isEqualTo("trust");
        assertThat(name.path("claims").get(0).path("value").asText()).isEqualTo(before);
        assertThat(name.path("claims").get(1).path("lostBy").asText()).isEqualTo("trust");
        assertThat(record(person).path("title").asText()).isEqualTo(before);

        election("update t_cy set xm = '司马改', gxsj = '2031-01-01 08:00:00' where cy_id = " + person.member);
        await("the member's new name")
                .atMost(PATIENCE)
                .until(() -> record(person).path("title").asText().equals("司马改"));
        JsonNode field = record(person).path("fields").path("name");
        assertThat(field.path("rule").asText()).isEqualTo("trust");
        assertThat(field.path("statedAt").asText()).isEqualTo("2031-01-01T00:00:00Z");
        assertPoolIsWhatTheSourcesAre();
    }

    @Test
    void anEmptiedNumberIsToldAndFillsFromTheOther() {
        Both person = both().get(2);
        election("update t_hxr set sjh = '13900000003' where hxr_id = " + person.candidate);
        election("update t_cy set sjh = null, gxsj = '2031-01-01 08:00:00' where cy_id = " + person.member);
        JsonNode phone = awaitWinner(person, "phone", CANDIDATE);
        assertThat(phone.path("rule").asText()).isEqualTo("only");
        JsonNode empty = phone.path("claims").get(1);
        assertThat(empty.path("stream").asText()).isEqualTo(MEMBER);
        assertThat(empty.has("value")).as("it says that there is nothing").isFalse();
        assertThat(empty.has("rank")).as("and takes no part").isFalse();
        assertPoolIsWhatTheSourcesAre();
    }

    private JsonNode awaitWinner(Both person, String field, String stream) {
        await("the " + field + " of " + stream)
                .atMost(PATIENCE)
                .until(() -> lineage(person, field)
                        .path("claims")
                        .path(0)
                        .path("stream")
                        .asText()
                        .equals(stream));
        return lineage(person, field);
    }

    private void awaitStated(Both person, String at) {
        await("what changed at " + at)
                .atMost(PATIENCE)
                .until(() -> lineage(person, "phone").toString().contains("\"" + at + "\""));
    }

    private JsonNode lineage(Both person, String field) {
        JsonNode lineage =
                bed.admin().get("/ledgers/persons/" + id(person) + "/lineage").body();
        for (JsonNode one : lineage.path("fields")) {
            if (one.path("field").asText().equals(field)) {
                return one;
            }
        }
        throw new AssertionError("Nothing is told of " + field);
    }

    private JsonNode record(Both person) {
        return bed.admin().get("/ledgers/persons/" + id(person)).body();
    }

    private String id(Both person) {
        return Long.toString(bed.tables().number("""
                        select r.entity_id from source_record r join stream s on s.id = r.stream_id
                         where s.source = 'election' and s.stream = 'member-person' and r.key = ?""", person.member));
    }

    private List<Both> both() {
        List<Both> both = new ArrayList<>();
        try (Connection connection = bed.election().connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select min(c.cy_id), min(h.hxr_id)
                          from t_cy c join t_hxr h on h.sfzh = c.sfzh
                         where length(c.sfzh) = 18
                         group by c.sfzh
                        having count(*) = 1 and min(c.sjh) is not null
                         order by 1""")) {
            while (row.next()) {
                both.add(new Both(row.getString(1), row.getString(2)));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return both;
    }

    private void election(String sql) {
        try (Connection connection = bed.election().connect();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isEqualTo(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void assertPoolIsWhatTheSourcesAre() {
        bed.awaitSettled();
        assertThat(bed.poolHash()).as("pool against sources").isEqualTo(Reference.of(bed));
        assertThat(bed.rebuildVerify()).isNotBlank();
        assertThat(bed.tables().unbalancedRuns()).isEmpty();
    }
}
