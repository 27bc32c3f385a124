package io.yimen.connectors.soap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.xml.namespace.QName;
import org.junit.jupiter.api.Test;

class EnvelopeTest {
    private static final byte[] NONCE = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final Instant CREATED = Instant.parse("2026-03-01T00:00:00.5Z");

    private static String call(boolean soap12, boolean qualified, boolean digested) {
        Map<String, String> arguments = new LinkedHashMap<>();
        arguments.put("page", "1");
        arguments.put("param", "<a>&</a>");
        return Envelope.call(
                new Wsdl.Operation(new QName("urn:t", "ask"), qualified, soap12, "urn:a"),
                arguments,
                new Envelope.Token("u", "p<", digested, NONCE, CREATED));
    }

    @Test
    void argumentsAreTextWhateverTheyHold() {
        assertThat(call(false, false, false))
                .contains("http://schemas.xmlsoap.org/soap/envelope/")
                .contains("<page>1</page><param>&lt;a&gt;&amp;&lt;/a&gt;</param>")
                .contains("#PasswordText\">p&lt;</");
        assertThat(call(true, true, true))
                .contains("http://www.w3.org/2003/05/soap-envelope")
                .contains("<o:page>1</o:page>")
                .doesNotContain("p&lt;</");
    }

    /** {@code printf '0123456789abcdef2026-03-01T00:00:00.500Zp<' | openssl dgst -sha1 -binary | base64} */
    @Test
    void theDigestIsThatOfTheProfile() {
        assertThat(Envelope.digest(NONCE, "2026-03-01T00:00:00.500Z", "p<")).isEqualTo("Uu+ZlqdLEGM5Owp2upV6FOjqcSM=");
        assertThat(call(true, true, true)).contains("Uu+ZlqdLEGM5Owp2upV6FOjqcSM=");
    }

    @Test
    void faultsOfBothVersionsAreSeenBehindAHeader() {
        String twelve =
                "<e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\"><e:Header><x>1</x></e:Header><e:Body>"
                        + "<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>w:FailedAuthentication</e:Value>"
                        + "</e:Subcode></e:Code><e:Reason><e:Text>no</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>";
        assertThat(Envelope.fault(twelve)).contains(new Envelope.Fault("FailedAuthentication", "no"));
        assertThat(Envelope.fault("<Envelope><Body><ok/></Body></Envelope>")).isEmpty();
        assertThat(Envelope.fault("<Envelope><Body><Fault>")).isEmpty();
    }
}
