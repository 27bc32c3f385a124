package io.yimen.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.hub.command.Commands;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The account command, as {@code ./yimen account} calls it, on a real pool. */
class AccountCommandIT {
    private PoolDatabase database;
    private final InputStream input = System.in;
    private final PrintStream output = System.out;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        database = PoolDatabase.start(folder);
        database.fill();
        database.keys().forEach(System::setProperty);
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void stop() throws Exception {
        System.setOut(output);
        System.setIn(input);
        database.keys().keySet().forEach(System::clearProperty);
        database.close();
    }

    @Test
    void createsListsAndRemovesAnAccount() {
        assertThat(run(
                        "correct horse",
                        "put",
                        "wang",
                        "--name",
                        "王芳",
                        "--role",
                        "worker",
                        "--place",
                        "2023:110101001001"))
                .isZero();
        assertThat(run("", "list")).isZero();
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("wang", "worker", "王芳", "place-code:2023|110101001001")
                .doesNotContain("correct horse");
        assertThat(run("", "remove", "wang")).isZero();
        assertThat(run("", "remove", "wang")).as("it is gone").isOne();
    }

    @Test
    void refusesWhatItDoesNotUnderstandAndChangesNothing() {
        assertThat(run("correct horse", "put", "wang", "--name", "王芳", "--role", "king", "--everything"))
                .isEqualTo(2);
        assertThat(run("correct horse", "put", "wang", "--name", "王芳", "--role", "worker", "--place", "东华门"))
                .isEqualTo(2);
        assertThat(run("correct horse", "put", "wang", "--name", "王芳", "--role", "worker"))
                .as("an account without places sees nothing")
                .isEqualTo(2);
        assertThat(run("short", "put", "wang", "--name", "王芳", "--role", "worker", "--everything"))
                .isOne();
        run("", "list");
        assertThat(said.toString(StandardCharsets.UTF_8)).doesNotContain("wang");
    }

    private int run(String password, String... args) {
        System.setIn(new ByteArrayInputStream((password + "\n").getBytes(StandardCharsets.UTF_8)));
        List<String> words = new ArrayList<>(List.of("account"));
        words.addAll(List.of(args));
        return Commands.run(words).orElseThrow();
    }
}
