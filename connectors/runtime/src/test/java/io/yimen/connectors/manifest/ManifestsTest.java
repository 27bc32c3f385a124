package io.yimen.connectors.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.mapping.ManifestTests;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManifestsTest {
    private static final String GOOD = """
            apiVersion: yimen.io/v1
            kind: rest-pages
            system: {id: demo, title: 演示, titleEn: Demo, owner: 民政局}
            parameters:
              base-url: {required: true, description: Address}
              api-key: {secret: true, description: Key}
            settings:
              url: "${base-url}/list"
              headers: {X-Api-Key: "${api-key}"}
              format: json
              charset: UTF-8
              page: {parameter: page, sizeParameter: size, size: 10}
              rows: /rows
            streams:
              - id: organization
                entity: Organization
                key: id
                trust: 10
                uniqueRecords: true
                deletes: full-set
                fields:
                  name: {from: mc, as: name, purpose: 显示}
                  kind: {from: lx, as: code, values: {"1": JWH}, purpose: 区分}
                  place: {from: dm, as: reference, to: "place-code:2023|{}", purpose: 归属}
                tests:
                  - {name: one, given: {id: "1", mc: 甲, lx: "1", dm: "1"}, expect: {fields: {name: 甲}}}
            """;

    private static List<String> errorsOf(String yaml) {
        List<ManifestError> errors = new ArrayList<>();
        new Manifests().parse(yaml, "x/connector.yaml", errors);
        return errors.stream().map(ManifestError::toString).toList();
    }

    private static List<String> errorsWith(String what, String instead) {
        assertThat(GOOD).contains(what);
        return errorsOf(GOOD.replace(what, instead));
    }

    @Test
    void goodManifestHasNoErrors() {
        assertThat(errorsOf(GOOD)).isEmpty();
    }

    @Test
    void misspeltFunctionIsNamedWithLineAndRemedy() {
        assertThat(errorsWith("as: name, purpose: 显示", "as: nmae, purpose: 显示"))
                .containsExactly("x/connector.yaml:22: streams[0].fields.name.as: unknown function \"nmae\";"
                        + " did you mean \"name\"?");
    }

    @Test
    void unknownKeyIsNamedWithLineAndRemedy() {
        assertThat(errorsWith("    uniqueRecords: true", "    uniqueRecord: true"))
                .containsExactly(
                        "x/connector.yaml:15: streams[0]: key \"uniqueRecords\" is missing"
                                + " (whether no two records of the stream are the same thing)",
                        "x/connector.yaml:19: streams[0]: unknown key \"uniqueRecord\"; did you mean \"uniqueRecords\"?");
    }

    @Test
    void everyFieldSaysItsPurpose() {
        assertThat(errorsWith("as: name, purpose: 显示", "as: name"))
                .containsExactly("x/connector.yaml:22: streams[0].fields.name: key \"purpose\" is missing"
                        + " (what the field is needed for, as the approved request says)");
    }

    @Test
    void typesFieldsAndCodesAreThoseOfTheModel() {
        assertThat(errorsWith("entity: Organization", "entity: Organisation"))
                .containsExactly(
                        "x/connector.yaml:16: streams[0].entity: the model has no entity type \"Organisation\";"
                                + " did you mean \"Organization\"?");
        assertThat(errorsWith("      name: {from: mc", "      nane: {from: mc"))
                .containsExactly("x/connector.yaml:22: streams[0].fields.nane: Organization has no field \"nane\";"
                        + " did you mean \"name\"?");
        assertThat(errorsWith("values: {\"1\": JWH}", "values: {\"1\": JHW}"))
                .containsExactly(
                        "x/connector.yaml:23: streams[0].fields.kind.values.1: the model does not know the code"
                                + " \"JHW\"; did you mean \"JWH\"?");
        assertThat(errorsWith("place-code:2023", "place-cod:2023"))
                .containsExactly(
                        "x/connector.yaml:24: streams[0].fields.place.to: the model has no identifier"
                                + " \"place-cod\"; did you mean \"place-code\"?; write IDENTIFIER:{} or record:SOURCE/STREAM/{}");
    }

    @Test
    void aStreamMaySayWhereItsSourceStatesTheTimeOfAChange() {
        assertThat(errorsWith("    trust: 10\n", "    trust: 10\n    updated: gxsj\n"))
                .isEmpty();
        assertThat(errorsWith(
                        "    trust: 10\n",
                        "    trust: 10\n    updated: {from: gxsj, pattern: yyyyMMddHHmmss, timeZone: UTC}\n"))
                .isEmpty();
        assertThat(errorsWith("    trust: 10\n", "    trust: 10\n    updated: {pattern: yyyyMMdd}\n"))
                .containsExactly("x/connector.yaml:19: streams[0].updated: key \"from\" is missing (the column)");
        assertThat(errorsWith(
                        "    trust: 10\n",
                        "    trust: 10\n    updated: {from: gxsj, pattern: bad, timeZone: Peking}\n"))
                .containsExactly(
                        "x/connector.yaml:19: streams[0].updated.pattern: is no pattern of a time; write it like"
                                + " yyyy-MM-dd HH:mm:ss",
                        "x/connector.yaml:19: streams[0].updated.timeZone: unknown time zone; write it like"
                                + " Asia/Shanghai");
        assertThat(errorsWith("    trust: 10\n", "    trust: 10\n    updates: gxsj\n"))
                .containsExactly("x/connector.yaml:19: streams[0]: unknown key \"updates\"; did you mean \"updated\"?");
    }

    @Test
    void whatASourceSaysOfTheTimeIsReadAndTested() {
        String yaml = GOOD.replace("    trust: 10\n", "    trust: 10\n    updated: gxsj\n")
                .replace(
                        "dm: \"1\"}, expect: {", "dm: \"1\", gxsj: \"2026-01-31 09:02:03\"}, expect: {updated: WHEN, ");
        assertThat(failuresOf(yaml.replace("WHEN", "\"2026-01-31T01:02:03Z\""))).isEmpty();
        assertThat(failuresOf(yaml.replace("WHEN", "\"2026-01-31T09:02:03Z\"")))
                .singleElement()
                .asString()
                .endsWith("expected updated to be 2026-01-31T09:02:03Z, got 2026-01-31T01:02:03Z");
        assertThat(failuresOf(yaml.replace("WHEN", "null"))).hasSize(1);
    }

    private static List<String> failuresOf(String yaml) {
        List<ManifestError> errors = new ArrayList<>();
        Manifest manifest = new Manifests().parse(yaml, "x/connector.yaml", errors);
        assertThat(errors).isEmpty();
        return ManifestTests.run(Objects.requireNonNull(manifest)).stream()
                .flatMap(r -> r.failure().stream())
                .toList();
    }

    @Test
    void onlyWhatHasAWayBackIntoACapturedTableMayBeWritten() {
        assertThat(errorsWith(
                        "    trust: 10\n",
                        "    trust: 10\n    writeBack: {fields: [name, place, nmae], touch: gxsj}\n"))
                .containsExactly(
                        "x/connector.yaml:19: streams[0].writeBack: belongs to a captured database; nothing is written"
                                + " into other systems",
                        "x/connector.yaml:19: streams[0].writeBack.fields[1]: what \"reference\" makes has no way back"
                                + " into a column",
                        "x/connector.yaml:19: streams[0].writeBack.fields[2]: the stream has no field \"nmae\"; did you"
                                + " mean \"name\"?");
    }

    @Test
    void streamWithoutTestsIsRefused() {
        String withoutTests = GOOD.substring(0, GOOD.indexOf("    tests:"));
        assertThat(errorsOf(withoutTests))
                .containsExactly("x/connector.yaml:15: streams[0]: key \"tests\" is missing"
                        + " (rows and what becomes of them; at least one)");
    }

    @Test
    void secretsAreReferencesAndNeverLiteral() {
        assertThat(errorsWith("{X-Api-Key: \"${api-key}\"}", "{X-Api-Key: abc123}"))
                .containsExactly(
                        "x/connector.yaml:9: settings.headers.X-Api-Key: is secret: write ${name} of a parameter"
                                + " with secret: true, never the value itself");
        assertThat(errorsWith("{secret: true, description: Key}", "{secret: true, default: abc, description: Key}"))
                .containsExactly(
                        "x/connector.yaml:6: parameters.api-key.default: a secret has no default; remove it and"
                                + " set it in the configuration");
    }

    @Test
    void unknownParameterIsNamed() {
        assertThat(errorsWith("${base-url}/list", "${base-ur}/list"))
                .containsExactly("x/connector.yaml:8: settings.url: unknown parameter \"base-ur\";"
                        + " did you mean \"base-url\"?");
    }

    @Test
    void allErrorsAreToldAtOnceInTheOrderOfLines() {
        String yaml = GOOD.replace("charset: UTF-8", "charset: UTF-88")
                .replace("trust: 10", "trust: 10\n    when: {column: lx, in: [1]}")
                .replace("as: reference", "as: text");
        assertThat(errorsOf(yaml))
                .satisfiesExactly(
                        e -> assertThat(e).startsWith("x/connector.yaml:11: settings.charset: unknown charset"),
                        e -> assertThat(e).startsWith("x/connector.yaml:25: streams[0].fields.place"),
                        e -> assertThat(e).startsWith("x/connector.yaml:25: streams[0].fields.place"));
    }

    @Test
    void textThatIsNoYamlAndKeysGivenTwiceAreTold() {
        assertThat(errorsOf("apiVersion: ["))
                .singleElement()
                .asString()
                .startsWith("x/connector.yaml:1: is not YAML: ");
        assertThat(errorsWith("    trust: 10\n", "    trust: 10\n    trust: 20\n"))
                .containsExactly("x/connector.yaml:19: streams[0].trust: is given twice; remove one of them");
    }

    @Test
    void missingParameterIsNamedByItsKey() {
        assertThatThrownBy(() -> Connector.of(Catalog.manifest("election"), key -> Optional.empty()))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("yimen.connector.election.jdbc-url: is not set: jdbc:postgresql://host:port/jwxj")
                .hasMessageContaining("yimen.connector.election.password: is not set");
    }

    @Test
    void wrongAndUnknownParametersAreNamedByTheirKeys() {
        assertThatThrownBy(() -> Catalog.connector(
                        "credit-codes", Map.of("base-url", "http://127.0.0.1:1", "interval", "ten seconds")))
                .hasMessage("configuration: yimen.connector.credit-codes.interval: is no duration; write it like PT10S"
                        + " or PT1H");
        assertThatThrownBy(() -> Catalog.connector("credit-codes", Map.of("base-url", "somewhere")))
                .hasMessageContaining("yimen.connector.credit-codes.base-url: is no address");
        assertThat(Parameters.unknownKeys(
                        List.of(Catalog.manifest("election")),
                        List.of(
                                "yimen.connector.election.jdbcurl",
                                "yimen.connector.elction.slot",
                                "quarkus.http.port")))
                .map(ManifestError::toString)
                .containsExactly(
                        "configuration: yimen.connector.election.jdbcurl: election has no parameter \"jdbcurl\";"
                                + " did you mean \"jdbc-url\"?",
                        "configuration: yimen.connector.elction.slot: there is no connector \"elction\";"
                                + " did you mean \"election\"?");
    }

    private static List<String> errorsOf(String id, String... replacements) throws java.io.IOException {
        String text = java.nio.file.Files.readString(
                io.yimen.connectors.Catalog.folder().resolve(id).resolve(Manifests.FILE));
        for (int i = 0; i < replacements.length; i += 2) {
            assertThat(text).contains(replacements[i]);
            text = text.replace(replacements[i], replacements[i + 1]);
        }
        List<ManifestError> errors = new java.util.ArrayList<>();
        new Manifests().parse(text, "x", errors);
        return errors.stream().map(ManifestError::message).toList();
    }

    @Test
    void pushedEventsAndStreamsBelongTogether() throws Exception {
        assertThat(errorsOf(
                        "single-window", "saved: {streams: [applicant, case]}", "saved: {streams: [aplicant, case]}"))
                .anyMatch(e -> e.equals("there is no stream \"aplicant\"; did you mean \"applicant\"?"))
                .anyMatch(e -> e.equals("no event of settings.events tells of this stream"));
        assertThat(errorsOf(
                        "bright-eyes",
                        "    cn.gov.beijing.xueliang.incident.removed: {streams: [incident], deleted: true}\n",
                        ""))
                .containsExactly("log needs an event with deleted: true for this stream");
        assertThat(errorsOf("bright-eyes", "refuse: [video,", "refuse: [sjlx,"))
                .containsExactly("\"sjlx\" is refused and read; it can be only one of the two");
        assertThat(errorsOf("bright-eyes", "{bearer: \"${token}\"}", "{bearer: of-the-cameras}"))
                .containsExactly("is secret: write ${name} of a parameter with secret: true, never the value itself");
    }

    @Test
    void ofAKafkaClientOnlyHarmlessPropertiesCanBeSet() throws Exception {
        String key = "  key: text\n";
        assertThat(errorsOf("city-brain", key, key + "  properties: {client.rack: a, fetch.min.bytes: 1}\n"))
                .isEmpty();
        for (String name : List.of("sasl.jaas.config", "interceptor.classes", "group.id", "auto.offset.reset")) {
            assertThat(errorsOf("city-brain", key, key + "  properties: {" + name + ": x}\n"))
                    .isNotEmpty();
        }
        assertThat(errorsOf("city-brain", "    key: kafka-key\n    trust: 55", "    key: sfzh\n    trust: 55"))
                .containsExactly("has to be kafka-key where the topic's deletes count; or use deletes: none");
    }

    @Test
    void aSoapCallSaysWhereThePageGoes() throws Exception {
        assertThat(errorsOf("e-tongche", "pageNo: \"{page}\"", "pageNo: \"1\""))
                .containsExactly("none of them has {page}, the number of the page that is asked for");
    }

    private static final String PAGE = "page: {parameter: page, sizeParameter: size, size: 10}";

    @Test
    void pagingNeedsWhatLeadsToTheNextPage() {
        assertThat(errorsWith(PAGE, "page: {by: link}")).isEmpty();
        assertThat(errorsWith(PAGE, "page: {by: cursor, parameter: after, next: /next}"))
                .isEmpty();
        assertThat(errorsWith(PAGE, "page: {by: link, parameter: page}"))
                .containsExactly("x/connector.yaml:12: settings.page: links need no \"parameter\"");
        assertThat(errorsWith(PAGE, "page: {by: cursor, parameter: after}"))
                .singleElement()
                .asString()
                .contains("\"next\" is the path to the next cursor");
        assertThat(errorsWith(PAGE, "page: {by: offset, parameter: skip}"))
                .singleElement()
                .asString()
                .contains("key \"sizeParameter\" is missing");
    }

    private static String drop(String settings) {
        int from = GOOD.indexOf("settings:");
        return GOOD.substring(0, from).replace("rest-pages", "file-drop")
                + "settings:\n  folder: x\n  file: x\n" + settings.indent(2)
                + GOOD.substring(GOOD.indexOf("streams:")).replace("full-set", "none");
    }

    @Test
    void filesSayTheirFormAndHowTheyAreWhole() {
        assertThat(errorsOf(drop("complete: {stable: PT5S}\nformat: xlsx"))).isEmpty();
        assertThat(errorsOf(drop("complete: {stable: PT5S}\nformat: dbf")))
                .singleElement()
                .asString()
                .contains("key \"charset\" is missing");
        assertThat(errorsOf(drop("complete: {stable: PT5S}\nformat: xml\ncharset: UTF-8")))
                .singleElement()
                .asString()
                .contains("\"rows\" is the path to a row in XML");
        assertThat(errorsOf(drop("complete: {stable: PT5S, suffix: .ok}\ncharset: UTF-8")))
                .isNotEmpty();
        assertThat(errorsOf(drop("complete: {checksum: .crc}\ncharset: UTF-8"))).isNotEmpty();
        String delta = "complete: {suffix: .ok}\ncharset: UTF-8\ndelta: {column: op, upsert: [U], delete: [D]}";
        assertThat(errorsOf(drop(delta).replace("deletes: none", "deletes: log")))
                .isEmpty();
        assertThat(errorsOf(drop(delta).replace("deletes: none", "deletes: full-set")))
                .singleElement()
                .asString()
                .contains("a file of changes is no full set");
    }

    @Test
    void theHostKeyIsPinnedAndThePasswordIsAParameter() {
        String sftp = "complete: {suffix: .ok}\ncharset: UTF-8\nsftp: {host: h, username: u, %s}";
        assertThat(errorsOf(drop(sftp.formatted("password: '${api-key}', hostKey: 'SHA256:x'"))))
                .isEmpty();
        assertThat(errorsOf(drop(sftp.formatted("password: '${api-key}'"))))
                .singleElement()
                .asString()
                .contains("key \"hostKey\" is missing");
        assertThat(errorsOf(drop(sftp.formatted("password: hunter2, hostKey: 'SHA256:x'"))))
                .singleElement()
                .asString()
                .contains("is secret");
        assertThat(errorsOf(drop(sftp.formatted("hostKey: 'SHA256:x'"))))
                .singleElement()
                .asString()
                .contains("either a password or a keyFile");
    }
}
