package io.yimen.hub;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged hub in a process of its own, on ports that are free. */
final class HubProcess implements AutoCloseable {
    private static final Pattern UP = Pattern.compile("Yimen is up at (http://\\S+), management at (http://\\S+)");

    private final Process process;
    private final List<String> output = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Matcher> up = new CompletableFuture<>();

    private HubProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "hub-output");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts the hub in {@code folder} with these keys, given as system properties. */
    static HubProcess start(Path folder, Map<String, String> keys, Map<String, String> environment) throws IOException {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("quarkus.http.port", "0");
        all.put("quarkus.management.port", "0");
        all.putAll(keys);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx384m");
        all.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.add("-Djava.util.logging.manager=org.jboss.logmanager.LogManager");
        command.add("-jar");
        command.add(Path.of("target", "hub", "yimen-hub.jar").toAbsolutePath().toString());
        Files.createDirectories(folder);
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("YIMEN_") || name.startsWith("QUARKUS_"));
        builder.environment().putAll(environment);
        return new HubProcess(builder.start());
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                Matcher matcher = UP.matcher(line);
                if (matcher.find()) {
                    up.complete(matcher);
                }
            }
        } catch (IOException e) {
            output.add("output ended: " + e.getMessage());
        }
        up.completeExceptionally(new IllegalStateException("The hub ended:\n" + String.join("\n", output)));
    }

    /** Waits until the hub says that it is up. */
    HubProcess awaitUp() throws InterruptedException {
        uri(1);
        return this;
    }

    long pid() {
        return process.pid();
    }

    URI address() {
        return uri(1);
    }

    URI management() {
        return uri(2);
    }

    private URI uri(int group) {
        try {
            return URI.create(up.get(60, TimeUnit.SECONDS).group(group));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("The hub did not come up:\n" + String.join("\n", output), e);
        }
    }

    /** CPU time that the process has used. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Waits for the end and returns the exit code. */
    int awaitEnd(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("The hub does not end:\n" + String.join("\n", output));
        }
        up.handle((matcher, failure) -> failure).join();
        return process.exitValue();
    }

    List<String> output() {
        return List.copyOf(output);
    }

    /** Asks it to stop, as an operator would, and returns the exit code. */
    int stop() throws InterruptedException {
        // By its handle: Process.destroy would also close the output that is still being read.
        process.toHandle().destroy();
        return awaitEnd(Duration.ofSeconds(40));
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try {
            process.getInputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
