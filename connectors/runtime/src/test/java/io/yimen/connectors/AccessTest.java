package io.yimen.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.manifest.ParameterFile;
import io.yimen.connectors.mapping.Columns;
import io.yimen.pool.approval.Approval;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessTest {
    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

    @TempDir
    private Path folder = Path.of("");

    private static Connector codes(String url) {
        return Catalog.connector("credit-codes", Map.of("base-url", url));
    }

    private static Approval without(Approval approval, String stream, String field) {
        Map<String, Map<String, String>> fields = new HashMap<>(approval.fields());
        Map<String, String> left = new HashMap<>(fields.getOrDefault(stream, Map.of()));
        left.remove(field);
        fields.put(stream, left);
        return new Approval(
                approval.source(), approval.owner(), fields, approval.addresses(), approval.until(), "a", NOW);
    }

    @Test
    void runsWithAllThatIsApproved() {
        Connector connector = codes("http://10.0.0.5:8080");
        Access access = Access.of(connector, Access.requested(connector, null, "a", NOW), NOW);

        assertThat(access.state()).isEqualTo(Access.State.APPROVED);
        assertThat(access.allowed()).contains(connector.manifest());
    }

    @Test
    void doesNotEvenReadTheColumnOfAFieldThatIsNotApproved() {
        Connector connector = codes("http://10.0.0.5:8080");
        Approval less = without(Access.requested(connector, null, "a", NOW), "organization", "legalPerson");
        Access access = Access.of(connector, less, NOW);

        assertThat(access.state()).isEqualTo(Access.State.PARTIAL);
        assertThat(access.waiting()).containsExactly("organization.legalPerson");
        Manifest allowed = access.allowed().orElseThrow();
        assertThat(Columns.of(allowed.streams()).names()).contains("jgmc").doesNotContain("fddbr");
        assertThat(allowed.shapes().get(0).fields()).doesNotContain("legalPerson");
    }

    @Test
    void takesAnotherPurposeForAnotherRequest() {
        Connector connector = codes("http://10.0.0.5:8080");
        Approval asked = Access.requested(connector, null, "a", NOW);
        Map<String, String> purposes = new HashMap<>(asked.fields().getOrDefault("organization", Map.of()));
        purposes.put("phone", "群发短信");
        Approval other = new Approval(
                asked.source(), asked.owner(), Map.of("organization", purposes), asked.addresses(), null, "a", NOW);

        assertThat(Access.of(connector, other, NOW).waiting()).containsExactly("organization.phone");
    }

    @Test
    void doesNotRunWithoutApprovalOrAfterItsEnd() {
        Connector connector = codes("http://10.0.0.5:8080");
        Approval brief = Access.requested(connector, NOW, "a", NOW.minusSeconds(9));

        assertThat(Access.of(connector, null, NOW).allowed()).isEmpty();
        assertThat(Access.of(connector, brief, NOW.minusSeconds(1)).state()).isEqualTo(Access.State.APPROVED);
        assertThat(Access.of(connector, brief, NOW).state()).isEqualTo(Access.State.EXPIRED);
        assertThat(Access.of(connector, brief, NOW).allowed()).isEmpty();
    }

    @Test
    void goesNowhereElse() {
        Approval there = Access.requested(codes("http://10.0.0.5:8080"), null, "a", NOW);

        for (String elsewhere : Set.of("http://10.0.0.6:8080", "http://10.0.0.5:8081", "https://10.0.0.5")) {
            Access access = Access.of(codes(elsewhere), there, NOW);
            assertThat(access.state()).as(elsewhere).isEqualTo(Access.State.ADDRESS);
            assertThat(access.allowed()).as(elsewhere).isEmpty();
        }
    }

    @Test
    void findsTheAddressesOfEveryForm() {
        assertThat(Access.addresses(codes("https://u:p@register.example/x?y=http")))
                .containsExactly("register.example:443");
        assertThat(Access.addresses(Catalog.connector("divisions-2016", Map.of("folder", "/srv/drop"))))
                .containsExactly("/srv/drop");
        assertThat(Access.addresses(Catalog.connector(
                        "election",
                        Map.of("jdbc-url", "jdbc:postgresql://10.0.0.7/jwxj", "username", "u", "password", "p"))))
                .containsExactly("10.0.0.7:5432");
        assertThat(Access.addresses(Catalog.connector(
                        "community",
                        Map.of("jdbc-url", "jdbc:mariadb://db:3307/sqgl", "username", "u", "password", "p"))))
                .containsExactly("db:3307");
        assertThat(Access.addresses(Catalog.connector(
                        "elderly-care",
                        Map.of(
                                "host", "files.example",
                                "port", "2022",
                                "username", "u",
                                "password", "p",
                                "host-key", "SHA256:" + "k".repeat(43)))))
                .containsExactly("/outgoing", "files.example:2022");
    }

    @Test
    void looksUpASecretWhereItsReferenceLeads() throws Exception {
        Path key = Files.writeString(folder.resolve("key"), "canary-1\nsecond line\n");
        Connector connector =
                Catalog.connector("credit-codes", Map.of("base-url", "http://h:1", "api-key", "file:" + key));
        assertThat(connector.parameters().find("api-key")).contains("canary-1");
        assertThat(connector.parameters().toString()).doesNotContain("canary");

        assertThatThrownBy(() -> Catalog.connector(
                        "credit-codes", Map.of("base-url", "http://h:1", "api-key", "file:" + key + "-gone")))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("which cannot be read or is empty");
        assertThatThrownBy(() -> Catalog.connector(
                        "credit-codes", Map.of("base-url", "http://h:1", "api-key", "env:YIMEN_NO_SUCH_VARIABLE")))
                .hasMessageContaining("env:YIMEN_NO_SUCH_VARIABLE");
    }

    @Test
    void refusesASecretInClearBesideTheManifest() throws Exception {
        Files.writeString(folder.resolve("parameters.yaml"), "base-url: http://h:1\napi-key: canary-2\nbase-ur: x\n");

        assertThatThrownBy(() -> ParameterFile.read(folder, Catalog.manifest("credit-codes")))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("parameters.yaml:2: api-key: is secret")
                .hasMessageContaining("parameters.yaml:3: base-ur: is no parameter of credit-codes")
                .hasMessageNotContaining("canary");
        Files.writeString(folder.resolve("parameters.yaml"), "base-url: http://h:1\napi-key: env:KEY\n");
        assertThat(ParameterFile.read(folder, Catalog.manifest("credit-codes")))
                .containsEntry("yimen.connector.credit-codes.api-key", "env:KEY");
    }
}
