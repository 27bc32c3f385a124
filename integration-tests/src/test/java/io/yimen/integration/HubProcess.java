package io.yimen.integration;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.simulators.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The packaged hub as a process of its own: a configuration file, a free port, a log file in its folder. It can be
 * started, stopped, killed and started again as often as wanted.
 */
final class HubProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration START = Duration.ofSeconds(90);

    private final Path folder;
    private final Map<String, String> configuration;
    private final int port;
    private final Path log;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private @Nullable Process process;

    /** @param configuration keys of the hub, e.g. {@code yimen.pool.jdbc-url} */
    HubProcess(Path folder, Map<String, String> configuration) {
        this.folder = folder;
        this.port = FreePorts.find();
        this.log = folder.resolve("hub.log");
        this.configuration = new TreeMap<>(configuration);
        this.configuration.putIfAbsent("quarkus.http.port", Integer.toString(port));
        this.configuration.putIfAbsent("quarkus.management.port", Integer.toString(FreePorts.find()));
        this.configuration.putIfAbsent(
                "yimen.vault.key-file", folder.resolve("vault.key").toString());
        this.configuration.putIfAbsent("yimen.vault.create", "true");
        this.configuration.putIfAbsent("yimen.connectors.approve", "true");
        this.configuration.putIfAbsent(
                "yimen.connectors.catalog", Places.catalog().toString());
    }

    /** Gives a key another value, from the next start on; null takes it away. */
    HubProcess with(String key, @Nullable String value) {
        if (value == null) {
            configuration.remove(key);
        } else {
            configuration.put(key, value);
        }
        return this;
    }

    /** Launches it and does not wait. */
    HubProcess launch() {
        if (isRunning()) {
            throw new IllegalStateException("The hub runs already");
        }
        try {
            writeConfiguration();
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    "-XX:+UseSerialGC",
                    // A process that lives for seconds gains nothing from the second compiler.
                    "-XX:TieredStopAtLevel=1",
                    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                    "-jar",
                    Places.hubJar().toString()));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().keySet().removeIf(name -> name.startsWith("YIMEN_") || name.startsWith("QUARKUS_"));
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run the hub", e);
        }
        return this;
    }

    /** Launches it and waits until it answers. */
    HubProcess start() {
        launch();
        awaitReady();
        return this;
    }

    /** Waits until it answers that it is up. */
    void awaitReady() {
        Awaitility.await("the hub's health")
                .atMost(START)
                .pollInterval(Duration.ofMillis(50))
                .failFast("the hub ended:\n" + "see " + log, () -> !isRunning())
                .until(this::isReady);
    }

    /** Whether it answers that it is up. */
    boolean isReady() {
        try {
            HttpResponse<Void> answer = http.send(
                    HttpRequest.newBuilder(api("/health"))
                            .timeout(Duration.ofSeconds(5))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
            return answer.statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends it with {@code kill -9}. */
    void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            awaitExit(running, Duration.ofSeconds(20));
        }
    }

    /** Asks it to end, as a service manager does. */
    void stop() {
        Process running = process;
        if (running != null && running.isAlive()) {
            running.destroy();
            awaitExit(running, Duration.ofSeconds(30));
        }
    }

    /** Waits until it ends by itself. */
    int awaitExit(Duration patience) {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException("The hub was never launched");
        }
        return awaitExit(running, patience);
    }

    private int awaitExit(Process running, Duration patience) {
        try {
            if (!running.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                String threads = threads(running);
                running.destroyForcibly();
                throw new AssertionError("The hub did not end within " + patience + ":\n" + tail() + threads);
            }
            return running.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What each of its threads does, which it writes into its log when it is asked. */
    private String threads(Process running) {
        int before = log().length();
        try {
            new ProcessBuilder("kill", "-QUIT", Long.toString(running.pid())).start();
            Awaitility.await("the hub's threads")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> log().indexOf("JNI global refs", before) >= 0);
        } catch (IOException | ConditionTimeoutException e) {
            // What there is has to do.
        }
        return log().substring(before);
    }

    boolean isRunning() {
        Process running = process;
        return running != null && running.isAlive();
    }

    /** Address of a path of the API. */
    URI api(String path) {
        return URI.create("http://127.0.0.1:" + port + "/api/v1" + path);
    }

    /** Address of the portal. */
    URI portal() {
        return URI.create("http://127.0.0.1:" + port + "/");
    }

    int port() {
        return port;
    }

    Path folder() {
        return folder;
    }

    Path keyFile() {
        return Path.of(configuration.getOrDefault("yimen.vault.key-file", ""));
    }

    /** Its configuration file. */
    Path configurationFile() {
        return folder.resolve("yimen.yaml");
    }

    /** Everything it has written so far. */
    String log() {
        try {
            return Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The end of its log, for messages. */
    String tail() {
        String all = log();
        return all.substring(Math.max(0, all.length() - 6000));
    }

    @Override
    public void close() {
        try {
            stop();
        } finally {
            kill();
        }
    }

    private void writeConfiguration() throws IOException {
        StringBuilder yaml = new StringBuilder();
        for (Map.Entry<String, String> entry : configuration.entrySet()) {
            // A JSON text is a YAML text.
            yaml.append(entry.getKey())
                    .append(": ")
                    .append(JSON.writeValueAsString(entry.getValue()))
                    .append('\n');
        }
        Path file = configurationFile();
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.writeString(file, yaml, StandardCharsets.UTF_8);
    }
}
