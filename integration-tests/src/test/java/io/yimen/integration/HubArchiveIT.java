package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.seal.Vault;
import io.yimen.simulators.EmbeddedDatabase;
import io.yimen.simulators.HubProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive of the hub's classes: it is used, and where it is of no use the hub says and does the same without it. */
@SuppressWarnings("NullAway") // folders that JUnit sets
class HubArchiveIT {
    private static final HubProgram PROGRAM = new HubProgram(Places.root());

    @TempDir
    private Path folder;

    /** What a process said, both streams together, and how it ended. */
    private record Ended(int status, String said) {}

    @BeforeAll
    static void rehearse(@TempDir Path folder) throws Exception {
        Ended rehearsal = run(
                folder,
                List.of(
                        "-Dyimen.home=" + Places.root(),
                        "-cp",
                        Places.root()
                                .resolve("simulators/target/yimen-simulators-0.1.0-SNAPSHOT.jar")
                                .toString(),
                        "io.yimen.simulators.demo.Rehearsal"));
        assertThat(rehearsal.status()).as(rehearsal.said()).isZero();
    }

    @Test
    void theHubsOwnClassesComeFromIt() throws Exception {
        Path loaded = folder.resolve("loaded");
        Ended ended = run(folder, list(PROGRAM.arguments(List.of("-Xlog:class+load:file=" + loaded))));
        assertThat(ended.status()).as(ended.said()).isZero();
        assertThat(Files.readAllLines(loaded))
                .anyMatch(line -> line.contains(" io.yimen.hub.Hub source: shared objects file"))
                .anyMatch(line -> line.contains(" io.yimen.connectors.") && line.contains("shared objects file"));
    }

    @Test
    void oneThatIsOfNoUseIsPassedOverWithoutAWord() throws Exception {
        Ended without = run(folder, list(PROGRAM.program()));
        assertThat(without.status()).as(without.said()).isZero();

        Path broken = Files.write(folder.resolve("broken.jsa"), new byte[100_000]);
        for (Path archive : List.of(folder.resolve("missing.jsa"), broken)) {
            assertThat(run(folder, list(with(archive, PROGRAM.program()))))
                    .as(archive.getFileName().toString())
                    .isEqualTo(without);
        }
        // The same program elsewhere, and later: what the archive holds is not of these jars.
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.createSymbolicLink(
                elsewhere.resolve("lib"), PROGRAM.jar().resolveSibling("lib").toRealPath());
        Path copy = Files.copy(PROGRAM.jar(), elsewhere.resolve("yimen-hub.jar"));
        List<String> moved = new ArrayList<>(with(PROGRAM.archive(), PROGRAM.program()));
        moved.set(moved.size() - 1, copy.toString());
        assertThat(run(folder, list(moved))).as("moved").isEqualTo(without);
    }

    /** JDK 17 ends at the first class of it that a jar holds for several versions of Java, were there any. */
    @Test
    void aFlightMayBeRecordedWithIt() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder.resolve("database"))) {
            database.createLogin("yimen", database.password(), "createrole");
            database.createDatabase("pool", "yimen");
            Path home = Files.createDirectory(folder.resolve("home"));
            Path file = Files.createFile(
                    home.resolve("yimen.yaml"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Path vaultKey = home.resolve("vault.key");
            Vault.loadOrCreate(vaultKey);
            StringBuilder yaml = new StringBuilder();
            Map.of(
                            "yimen.pool.jdbc-url", database.jdbcUrl("pool"),
                            "yimen.pool.username", "yimen",
                            "yimen.pool.password", database.password(),
                            "yimen.connectors.catalog", Places.catalog().toString(),
                            "yimen.vault.key-file", vaultKey.toString())
                    .forEach((key, value) ->
                            yaml.append(key).append(": \"").append(value).append("\"\n"));
            Files.writeString(file, yaml);
            List<String> arguments =
                    new ArrayList<>(PROGRAM.arguments(List.of("-XX:StartFlightRecording=settings=profile")));
            arguments.addAll(List.of("rules", "list"));
            Ended ended = run(home, arguments);
            assertThat(ended.status()).as(ended.said()).isZero();
        }
    }

    private static List<String> with(Path archive, List<String> program) {
        List<String> arguments = new ArrayList<>(List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off"));
        arguments.addAll(program);
        return arguments;
    }

    private static List<String> list(List<String> program) {
        List<String> arguments = new ArrayList<>(program);
        arguments.addAll(List.of("connector", "list", Places.catalog().toString()));
        return arguments;
    }

    private static Ended run(Path folder, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("YIMEN_") || name.startsWith("QUARKUS_"));
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), said);
    }
}
