package io.yimen.simulators.demo;

import io.yimen.simulators.ProcessMark;
import io.yimen.simulators.ServerLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** The hub as a process of its own, with its configuration file and its log in the demo's folder. */
final class HubChild implements AutoCloseable {
    private static final Duration STOP = Duration.ofSeconds(25);
    private static final String UP = "Yimen is up at http";

    private final Process process;
    private final ServerLog log;
    private final Path mark;

    private HubChild(Process process, ServerLog log, Path mark) {
        this.process = process;
        this.log = log;
        this.mark = mark;
    }

    /** Launches {@code java} with these arguments, the hub with these keys, and does not wait. */
    static HubChild launch(List<String> arguments, DemoFolder folder, Map<String, String> keys) {
        Path home = folder.resolve("hub");
        Path logs = folder.resolve("log");
        try {
            Files.createDirectories(home);
            Files.createDirectories(logs);
            ServerLog log = ServerLog.fromNow(logs.resolve("hub.log"));
            writeConfiguration(home.resolve("yimen.yaml"), keys);
            List<String> command = new ArrayList<>(Stream.of("/usr/bin/setsid", "/bin/setsid")
                    .filter(program -> Files.isExecutable(Path.of(program)))
                    .limit(1)
                    .toList());
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(arguments);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(home.toFile())
                    .redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()));
            // What configures a hub of one's own is not for this one.
            builder.environment().keySet().removeIf(name -> name.startsWith("YIMEN_") || name.startsWith("QUARKUS_"));
            Process process = builder.start();
            ProcessMark.of(process.toHandle()).write(folder.hubMark());
            return new HubChild(process, log, folder.hubMark());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run the hub", e);
        }
    }

    /** Passwords stand in it: for its owner only. */
    private static void writeConfiguration(Path file, Map<String, String> keys) throws IOException {
        StringBuilder yaml = new StringBuilder("# Written anew at every start of the demo.\n");
        keys.forEach((key, value) -> yaml.append(key)
                .append(": \"")
                .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                .append("\"\n"));
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, yaml, StandardCharsets.UTF_8, StandardOpenOption.WRITE);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Completes when it ends, whoever ended it. */
    CompletableFuture<Process> onExit() {
        return process.onExit();
    }

    /** Whether it has come up, by its own word: who answers at its port may be somebody else. */
    boolean isUp() {
        return log.lines().stream().anyMatch(line -> line.contains(UP));
    }

    /** The end of its log, for a person. */
    String lastWords() {
        return log.lastWords();
    }

    Path log() {
        return log.file();
    }

    /** Asks it to stop and waits; ends it if it does not. */
    @Override
    public void close() {
        ProcessMark.end(process.toHandle(), STOP);
        try {
            Files.deleteIfExists(mark);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
