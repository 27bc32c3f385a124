package io.yimen.hub.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigKeyTest {
    @Test
    void everyKeyIsDocumentedWithItsDefault() throws IOException {
        var lines = Files.readAllLines(Path.of("..", "docs", "configuration.md"));
        assertThat(ConfigKey.all()).hasSizeGreaterThan(10).allSatisfy(key -> {
            String told =
                    key.defaultValue() == null ? key.required() ? "required" : "" : "`" + key.defaultValue() + "`";
            assertThat(lines).as(key.name()).anyMatch(line -> line.startsWith("| `" + key.name() + "` | " + told));
        });
    }

    @Test
    void valuesAreJudgedByTheirType() {
        ConfigKey lifetime = find("yimen.session.lifetime");
        assertThat(lifetime.complaint("PT1H")).isEmpty();
        assertThat(lifetime.complaint("PT0S")).isPresent();
        assertThat(lifetime.complaint("1h")).isPresent();
        ConfigKey create = find("yimen.vault.create");
        assertThat(create.complaint("true")).isEmpty();
        assertThat(create.complaint("yes")).isPresent();
    }

    private static ConfigKey find(String name) {
        return ConfigKey.all().stream()
                .filter(key -> key.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
