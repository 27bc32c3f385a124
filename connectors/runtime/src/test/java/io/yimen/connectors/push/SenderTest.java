package io.yimen.connectors.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SenderTest {
    private static final String SECRET = "0123456789abcdef";
    private static final String NOW = "1772323200";
    private static final byte[] BODY = "[]".getBytes(StandardCharsets.UTF_8);
    private static final Map<String, String> ATTRIBUTES = Map.of("type", "t", "id", "1");

    private final Sender signing = sender("single-window", "secret");
    private final Sender showing = sender("bright-eyes", "token");

    private static Sender sender(String id, String parameter) {
        Connector connector = Catalog.connector(id, Map.of(parameter, SECRET));
        return new Sender(connector, (Manifest.Push) connector.manifest().settings());
    }

    private boolean signed(String timestamp, String signature, Map<String, String> attributes, byte[] body, long late) {
        Clock clock = Clock.fixed(Instant.ofEpochSecond(Long.parseLong(NOW) + late), ZoneOffset.UTC);
        return signing.signed(timestamp, signature, attributes, body, clock);
    }

    @Test
    void aSignatureHoldsForThisRequestAndItsTimeOnly() {
        String right = "sha256=" + Sender.sign(SECRET, "single-window", NOW, ATTRIBUTES, BODY);
        assertThat(signed(NOW, right, ATTRIBUTES, BODY, 0)).isTrue();
        assertThat(signed(NOW, right, ATTRIBUTES, BODY, 300)).isTrue();
        assertThat(signed(NOW, right, ATTRIBUTES, BODY, 301))
                .as("replayed later")
                .isFalse();
        assertThat(signed(NOW, right, ATTRIBUTES, BODY, -301)).as("dated ahead").isFalse();
        assertThat(signed("1772323201", right, ATTRIBUTES, BODY, 0)).isFalse();
        assertThat(signed(NOW, right, Map.of("type", "t.removed", "id", "1"), BODY, 0))
                .as("the attributes are signed")
                .isFalse();
        assertThat(signed(NOW, right, ATTRIBUTES, "[1]".getBytes(StandardCharsets.UTF_8), 0))
                .isFalse();
        assertThat(signed("", right, ATTRIBUTES, BODY, 0)).isFalse();
        assertThat(signed("99999999999999", "", ATTRIBUTES, BODY, 0)).isFalse();
        String other = "sha256=" + Sender.sign(SECRET, "bright-eyes", NOW, ATTRIBUTES, BODY);
        assertThat(signed(NOW, other, ATTRIBUTES, BODY, 0))
                .as("signed for another connector")
                .isFalse();
    }

    /** As anybody can compute it: {@code printf '1772323200.single-window.[]' | openssl dgst -sha256 -hmac SECRET}. */
    @Test
    void aSignatureIsThatOfTimestampConnectorAndBody() {
        assertThat(Sender.sign(SECRET, "single-window", NOW, Map.of(), BODY))
                .isEqualTo("788c3a48780c6a50b99d9166a58596802b75a8194b98a087a2cd77b3773fa787");
    }

    @Test
    void aTokenHasToBeShown() {
        assertThat(showing.shows("Bearer " + SECRET)).isTrue();
        assertThat(showing.shows("Bearer " + SECRET + "0")).isFalse();
        assertThat(showing.shows("Basic " + SECRET)).isFalse();
        assertThat(showing.shows("")).isFalse();
    }

    @Test
    void aShortSecretIsNone() {
        assertThatThrownBy(() -> Catalog.connector("bright-eyes", Map.of("token", "short")))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("yimen.connector.bright-eyes.token: has fewer than 16 characters");
    }
}
