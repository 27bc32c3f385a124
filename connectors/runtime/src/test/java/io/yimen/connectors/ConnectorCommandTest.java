package io.yimen.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConnectorCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private final Map<String, String> configuration = new HashMap<>();

    private int run(String... args) {
        return new ConnectorCommand(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        key -> Optional.ofNullable(configuration.get(key)))
                .run(List.of(args));
    }

    @Test
    void checksTestsAndListsTheCatalog() {
        String catalog = Catalog.folder().toString();
        assertThat(run("check", catalog)).isZero();
        assertThat(run("test", catalog)).isZero();
        assertThat(run("list", catalog)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains(
                        "ok    election  10 of 10 tests passed", "yimen.connector.election.password  required  secret");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void saysWhatIsWrong() {
        assertThat(run("check", "no/such/folder")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("no/such/folder: is no folder; name a catalog or a connector in it");
        assertThat(run("chek", "x")).isEqualTo(2);
    }

    static List<String> kinds() {
        return NewConnector.kinds();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void writesAFolderOfEveryKindThatPassesItsTestsAsItIs(String kind, @TempDir Path folder) {
        assertThat(run("new", "my-source", "--kind", kind, "--in", folder.toString()))
                .isZero();
        String written = folder.resolve("my-source").toString();

        assertThat(run("check", written)).isZero();
        assertThat(run("test", written)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("its source is not configured: not looked at", "2 of 2 tests passed");
        assertThat(run("new", "my-source", "--kind", kind, "--in", folder.toString()))
                .isEqualTo(1);
    }

    @Test
    void writesNothingForANameOrAKindThatIsNone(@TempDir Path folder) {
        assertThat(run("new", "My Source", "--kind", "rest-pages", "--in", folder.toString()))
                .isEqualTo(1);
        assertThat(run("new", "my-source", "--kind", "telepathy", "--in", folder.toString()))
                .isEqualTo(1);
        assertThat(run("new", "my-source")).isEqualTo(2);
        assertThat(folder).isEmptyDirectory();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("rest-pages, file-drop");
    }

    @Test
    void looksAtASourceThatIsConfigured(@TempDir Path drop) throws Exception {
        configuration.put("yimen.connector.divisions-2016.folder", drop.toString());
        String connector = Catalog.folder().resolve("divisions-2016").toString();
        assertThat(run("check", connector)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("there is nothing to read just now");

        Files.writeString(drop.resolve("xzqh-20260301.csv"), "代码,名称\r\n1,甲\r\n", Charset.forName("GB18030"));
        Files.writeString(drop.resolve("xzqh-20260301.csv.ok"), "1");
        assertThat(run("check", connector)).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("connector.yaml:1: missing-column", "级别");

        configuration.put("yimen.connector.divisions-2016.folder", "/no/such/folder");
        assertThat(run("check", connector)).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("check its parameter folder");
    }
}
