package io.yimen.bench.copy;

import io.yimen.simulators.ProcessMark;
import io.yimen.simulators.ServerLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A JVM that the bench launches, and again if need be, with its log in its folder; it ends when the bench does. */
public final class Child {
    private static final Duration STOP = Duration.ofSeconds(30);

    private final Path folder;
    private @Nullable Process process;
    private @Nullable ServerLog log;

    /** @param folder where it works, and where its log is */
    public Child(Path folder) {
        this.folder = folder;
    }

    /** Launches {@code java} with these arguments and does not wait. */
    public void launch(List<String> arguments) throws IOException {
        Files.createDirectories(folder);
        ServerLog from = ServerLog.fromNow(folder.resolve("log.txt"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dfile.encoding=UTF-8");
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(from.file().toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("YIMEN_") || name.startsWith("QUARKUS_"));
        Process launched = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(launched::destroyForcibly));
        process = launched;
        log = from;
    }

    public long pid() {
        return launched().pid();
    }

    private Process launched() {
        Process launched = process;
        if (launched == null) {
            throw new IllegalStateException("It was not launched");
        }
        return launched;
    }

    /** The end of its log; empty if it has none. */
    public String lastWords() {
        ServerLog kept = log;
        return kept == null ? "" : kept.lastWords();
    }

    /** Stops it where it stands. */
    void pause() throws IOException, InterruptedException {
        signal("-STOP");
    }

    void resume() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", name, Long.toString(pid())).start().waitFor();
    }

    /** Asks it to end and waits; nothing to do where it was not launched. */
    public void stop() {
        Process launched = process;
        if (launched != null) {
            ProcessMark.end(launched.toHandle(), STOP);
        }
    }
}
