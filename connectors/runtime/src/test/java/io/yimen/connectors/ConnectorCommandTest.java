package io.yimen.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectorCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... args) {
        return new ConnectorCommand(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
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
}
