package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Manifests of tests that read one table, {@code t_jl}, over JDBC. */
final class JdbcManifests {
    private static final String MANIFEST = """
            apiVersion: yimen.io/v1
            kind: %1$s
            system: {id: records, title: 记录, titleEn: Records, owner: 某办}
            parameters:
              jdbc-url: {required: true, description: x}
              username: {required: true, description: x}
              password: {required: true, secret: true, description: x}
            settings:
              url: "${jdbc-url}"
              username: "${username}"
              password: "${password}"
              interval: PT0.1S
              timeZone: Asia/Shanghai
            %2$s
            streams:
              - id: record
                from: t_jl
                entity: WorkRecord
                key: bh
                trust: 50
                uniqueRecords: true
                deletes: %3$s
                fields:
                  title: {from: bt, as: text, purpose: 测试}
                  text: {from: nr, as: text, purpose: 测试}
                  date: {from: rq, as: date, purpose: 测试}
                tests:
                  - name: one
                    given: {bh: "1", bt: 标题, nr: 内容, rq: "2026-01-01"}
                    expect: {key: "1"}
            """;

    private JdbcManifests() {}

    /**
     * A manifest that is read from a file of its own.
     *
     * @param settings lines of the settings, each with two blanks before it
     */
    static Manifest of(Path folder, String kind, String settings) {
        try {
            Path own = Files.createTempDirectory(folder, "manifest");
            Files.writeString(
                    own.resolve(Manifests.FILE),
                    MANIFEST.formatted(kind, settings.stripTrailing(), kind.startsWith("poll") ? "full-set" : "log"));
            return Manifests.load(own).get(0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static Connector connector(Manifest manifest, String url, String username, String password) {
        Map<String, String> values = Map.of("jdbc-url", url, "username", username, "password", password);
        return Connector.of(
                manifest, key -> Optional.ofNullable(values.get(key.substring("yimen.connector.records.".length()))));
    }
}
