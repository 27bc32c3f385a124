package io.yimen.connectors.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CloudEventReaderTest {
    private static final String EVENT = """
            {"specversion":"1.0","id":"7","source":"/s","type":"t","time":"2026-03-01T00:00:00Z","sequence":5,
             "data":{"a":"1","deep":{"b":2}}}""";

    private final CloudEventReader reader = new CloudEventReader(10_000, 3);

    private List<CloudEvent> read(String type, String body) throws Unreadable {
        return reader.read(type, Map.of(), body.getBytes(StandardCharsets.UTF_8));
    }

    private String fault(String event) throws Unreadable {
        CloudEvent read = read(CloudEventReader.SINGLE, event).get(0);
        assertThat(read.data().isEmpty()).as("nothing is kept of its data").isTrue();
        return read.fault().orElseThrow().reason();
    }

    @Test
    void readsStructuredBatchAndBinaryMode() throws Exception {
        CloudEvent single =
                read("application/cloudevents+json; charset=UTF-8", EVENT).get(0);
        assertThat(single.fault()).isEmpty();
        assertThat(single.attribute("sequence")).isEqualTo("5");
        assertThat(single.data().path("a").asText()).isEqualTo("1");
        assertThat(read(CloudEventReader.BATCH, "[" + EVENT + ",7," + EVENT + "]"))
                .extracting(e -> e.fault().isPresent())
                .containsExactly(false, true, false);
        CloudEvent binary = reader.read(
                        "application/json",
                        Map.of("specversion", "1.0", "id", "8", "source", "/s", "type", "t"),
                        "{\"a\":1}".getBytes(StandardCharsets.UTF_8))
                .get(0);
        assertThat(binary.id()).isEqualTo("8");
        assertThat(binary.data().path("a").asInt()).isEqualTo(1);
    }

    @Test
    void attributesThatAreCalledAsCamelsHeadersAreNoMoreThanAttributes() throws Exception {
        String dressed = EVENT.replace(
                "\"data\":", "\"camelhttpuri\":\"http://127.0.0.1:1/\",\"camelfilename\":\"../x\",\"data\":");
        CloudEvent read = read(CloudEventReader.SINGLE, dressed).get(0);
        CloudEvent plain = read(CloudEventReader.SINGLE, EVENT).get(0);
        assertThat(read.fault()).isEmpty();
        assertThat(read.id()).isEqualTo(plain.id());
        assertThat(read.data()).isEqualTo(plain.data());
    }

    @Test
    void whatIsWrongWithOneEventIsSaidInIt() throws Exception {
        assertThat(fault(EVENT.replace("\"1.0\"", "\"0.3\""))).isEqualTo("invalid-event");
        assertThat(fault(EVENT.replace("\"id\":\"7\",", ""))).isEqualTo("invalid-event");
        assertThat(fault(EVENT.replace("\"/s\"", "{\"x\":1}"))).isEqualTo("invalid-event");
        assertThat(fault(EVENT.replace("\"t\"", "\"" + "t".repeat(2_000) + "\"")))
                .isEqualTo("invalid-event");
        assertThat(fault(EVENT.replace("{\"a\":\"1\",\"deep\":{\"b\":2}}", "[1]")))
                .isEqualTo("invalid-event");
        assertThat(fault(EVENT.replace("\"data\":", "\"data_base64\":\"AAAA\",\"data\":")))
                .isEqualTo("binary-data");
        assertThat(fault(EVENT.replace("\"data\":", "\"datacontenttype\":\"image/jpeg\",\"data\":")))
                .isEqualTo("binary-data");
    }

    @Test
    void whatIsNoRequestOfEventsIsRefusedWhole() {
        Map<String, String> refused = Map.of(
                "{",
                CloudEventReader.SINGLE,
                "{}",
                CloudEventReader.BATCH,
                "[{},{},{},{}]",
                CloudEventReader.BATCH,
                EVENT,
                "application/json",
                "{\"id\":1,\"id\":2}",
                CloudEventReader.SINGLE,
                "[" + "[".repeat(100) + "]".repeat(100) + "]",
                CloudEventReader.BATCH,
                "[]",
                "text/plain",
                "",
                CloudEventReader.BATCH + "; charset=GBK");
        refused.forEach((body, type) ->
                assertThatThrownBy(() -> read(type, body)).as(type).isInstanceOf(Unreadable.class));
    }
}
