package io.yimen.bench.copy;

import io.yimen.simulators.ProcessMark;
import io.yimen.simulators.ServerLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A JVM that the bench launches, with its log in a file. */
final class Child implements AutoCloseable {
    private static final Duration STOP = Duration.ofSeconds(30);

    private final Process process;
    private final ServerLog log;

    private Child(Process process, ServerLog log) {
        this.process = process;
        this.log = log;
    }

    /** Launches {@code java} with these arguments in {@code folder} and does not wait. */
    static Child java(Path folder, List<String> arguments) throws IOException {
        Files.createDirectories(folder);
        ServerLog log = ServerLog.fromNow(folder.resolve("log.txt"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dfile.encoding=UTF-8");
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("YIMEN_") || name.startsWith("QUARKUS_"));
        return new Child(builder.start(), log);
    }

    long pid() {
        return process.pid();
    }

    /** Whether it has said so in its log since its start. */
    boolean hasSaid(String text) {
        if (!process.isAlive()) {
            throw new IllegalStateException("A process of the bench ended. " + log.lastWords());
        }
        return log.lines().stream().anyMatch(line -> line.contains(text));
    }

    Optional<String> findEnd() {
        return process.isAlive() ? Optional.empty() : Optional.of(log.lastWords());
    }

    String lastWords() {
        return log.lastWords();
    }

    /** Stops it where it stands, or lets it go on. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
    }

    @Override
    public void close() {
        ProcessMark.end(process.toHandle(), STOP);
    }
}
