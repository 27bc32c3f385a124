package io.yimen.simulators;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A single Kafka node of one's own in a folder, as a process with its own class path: 127.0.0.1, free ports, topics
 * kept when it stops. It ends by itself when the process that started it is gone; should it not, the next start ends
 * it.
 *
 * <p>Thread-safe.
 */
public final class EmbeddedBroker implements EmbeddedServer {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(15);
    private static final int ATTEMPTS = 5;

    // What the node's process says of its start.
    private static final String READY = "ready";
    private static final String FAILED = "failed ";

    private static final List<String> SMALL = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final Path folder;
    private final List<String> options;
    private final IntUnaryOperator advertised;
    private ServerLog log;
    private int port;
    private @Nullable Process server;

    private EmbeddedBroker(Path folder, List<String> options, IntUnaryOperator advertised) {
        this.folder = folder.toAbsolutePath().normalize();
        this.options = List.copyOf(options);
        this.advertised = advertised;
        this.log = ServerLog.fromNow(this.folder.resolve("server.log"));
    }

    /** Starts the node of {@code folder}; creates it the first time. */
    public static EmbeddedBroker start(Path folder) {
        return start(folder, SMALL);
    }

    /**
     * Starts the node of {@code folder}; creates it the first time.
     *
     * @param options of its JVM, instead of ours, which make it small
     */
    public static EmbeddedBroker start(Path folder, List<String> options) {
        return start(new EmbeddedBroker(folder, options, IntUnaryOperator.identity()));
    }

    /**
     * Starts the node of {@code folder}; creates it the first time.
     *
     * @param advertised from the port on which the node listens to that on which its clients are told to come
     */
    public static EmbeddedBroker start(Path folder, IntUnaryOperator advertised) {
        return start(new EmbeddedBroker(folder, SMALL, advertised));
    }

    private static EmbeddedBroker start(EmbeddedBroker broker) {
        broker.start();
        return broker;
    }

    /**
     * Starts it again after {@link #stop} or {@link #kill}: on the same port, or on another one where somebody else
     * listens on it by now. Topics and what they hold stay: a broker tells its clients and its controller at every start
     * where it is.
     *
     * @throws SimulatorException as soon as the broker's process has given up, with the reason
     */
    public synchronized void start() {
        if (server != null && server.isAlive()) {
            return;
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        claimFolder();
        int wanted = port;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            wanted = wanted != 0 && FreePorts.isFree(wanted) ? wanted : FreePorts.find();
            if (launch(wanted)) {
                port = wanted;
                return;
            }
            wanted = 0;
        }
        throw new SimulatorException(
                "Kafka found no port to listen on in " + ATTEMPTS + " attempts. " + log.lastWords());
    }

    /** Stops the broker that a killed process left running in {@code folder}, if there is one. */
    public static void stopLeftOver(Path folder) {
        ProcessMark.read(folder.resolve("pid"))
                .flatMap(ProcessMark::findAlive)
                .ifPresent(leftOver -> ProcessMark.end(leftOver, STOP));
    }

    /** Stops it in order. */
    public synchronized void stop() {
        Process running = server;
        server = null;
        if (running != null) {
            ProcessMark.end(running.toHandle(), STOP);
        }
        try {
            Files.deleteIfExists(folder.resolve("owner"));
            Files.deleteIfExists(folder.resolve("pid"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it with {@code kill -9}. */
    public synchronized void kill() {
        Process running = server;
        if (running != null) {
            running.destroyForcibly();
            ProcessMark.awaitEnd(running.toHandle(), STOP);
        }
    }

    @Override
    public void close() {
        stop();
    }

    @Override
    public synchronized boolean isRunning() {
        return server != null && server.isAlive();
    }

    public synchronized String bootstrapServers() {
        return "127.0.0.1:" + advertised.applyAsInt(port);
    }

    /** The node's process. */
    public synchronized long pid() {
        if (server == null) {
            throw new SimulatorException("The broker of " + folder + " is stopped");
        }
        return server.pid();
    }

    private void claimFolder() {
        Path owner = folder.resolve("owner");
        ProcessMark.read(owner).ifPresent(mark -> {
            if (!mark.isThisProcess() && mark.findAlive().isPresent()) {
                throw new SimulatorException("The broker's folder " + folder + " is in use by process " + mark.pid());
            }
        });
        stopLeftOver(folder);
        ProcessMark.ofThisProcess().write(owner);
    }

    /** Whether the node runs; not if somebody else took one of its ports meanwhile. */
    private boolean launch(int onPort) {
        Path file = folder.resolve("server.properties");
        log = ServerLog.fromNow(log.file());
        try {
            int controllerPort = FreePorts.find();
            Properties properties = properties(onPort, controllerPort);
            try (var out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
                properties.store(out, null);
            }
            List<String> command = new ArrayList<>(ServerFiles.apart());
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(options);
            command.addAll(List.of(
                    "-XX:+ExitOnOutOfMemoryError",
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                    "-Dorg.slf4j.simpleLogger.showDateTime=true",
                    "-cp",
                    ServerFiles.brokerClassPath(),
                    "io.yimen.simulators.kafka.BrokerMain",
                    file.toString()));
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.file().toFile()))
                    .start();
            ProcessMark.of(process.toHandle()).write(folder.resolve("pid"));
            String word = firstWord(process);
            if (word.equals(READY)) {
                server = process;
                return true;
            }
            String reason = word.startsWith(FAILED) ? word.substring(FAILED.length()) : fate(process);
            process.destroyForcibly();
            ProcessMark.awaitEnd(process.toHandle(), STOP);
            if (!FreePorts.isFree(onPort) || !FreePorts.isFree(controllerPort)) {
                return false;
            }
            throw new SimulatorException("Kafka did not start in " + folder + ": " + reason + ". " + log.lastWords());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run the broker", e);
        }
    }

    /** What the process says of its start; empty if it ended, or said nothing for too long. */
    private static String firstWord(Process process) {
        CompletableFuture<String> said = new CompletableFuture<>();
        Thread reader = new Thread(() -> drain(process, said), "broker-output");
        reader.setDaemon(true);
        reader.start();
        try {
            return said.get(START.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return "";
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static void drain(Process process, CompletableFuture<String> said) {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = out.readLine()) != null) {
                if (line.equals(READY) || line.startsWith(FAILED)) {
                    said.complete(line);
                }
            }
        } catch (IOException e) {
            // The process is gone.
        }
        said.complete("");
    }

    /** What became of a process that said nothing. */
    private static String fate(Process process) {
        try {
            if (process.waitFor(2, TimeUnit.SECONDS)) {
                return "its process ended with status " + process.exitValue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return "it was not ready within " + START.toSeconds() + " s";
    }

    private Properties properties(int brokerPort, int controllerPort) {
        Properties p = new Properties();
        p.setProperty("process.roles", "broker,controller");
        p.setProperty("node.id", "1");
        p.setProperty("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        p.setProperty("listeners", "PLAINTEXT://127.0.0.1:" + brokerPort + ",CONTROLLER://127.0.0.1:" + controllerPort);
        p.setProperty("advertised.listeners", "PLAINTEXT://127.0.0.1:" + advertised.applyAsInt(brokerPort));
        p.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.setProperty("controller.listener.names", "CONTROLLER");
        p.setProperty("inter.broker.listener.name", "PLAINTEXT");
        p.setProperty("log.dirs", folder.resolve("log").toString());
        p.setProperty("num.partitions", "1");
        p.setProperty("default.replication.factor", "1");
        p.setProperty("min.insync.replicas", "1");
        p.setProperty("offsets.topic.replication.factor", "1");
        p.setProperty("offsets.topic.num.partitions", "2");
        p.setProperty("transaction.state.log.replication.factor", "1");
        p.setProperty("transaction.state.log.min.isr", "1");
        p.setProperty("transaction.state.log.num.partitions", "2");
        p.setProperty("share.coordinator.state.topic.replication.factor", "1");
        p.setProperty("share.coordinator.state.topic.min.isr", "1");
        p.setProperty("group.initial.rebalance.delay.ms", "0");
        p.setProperty("num.network.threads", "2");
        p.setProperty("num.io.threads", "2");
        p.setProperty("log.cleaner.dedupe.buffer.size", "16777216");
        p.setProperty("controlled.shutdown.enable", "false");
        // A broker that was killed is held to be alive for so long, and its successor waits.
        p.setProperty("broker.session.timeout.ms", "3000");
        p.setProperty("broker.heartbeat.interval.ms", "750");
        return p;
    }

    @Override
    public synchronized String lastWords() {
        return log.lastWords();
    }

    @Override
    public String toString() {
        return "Kafka in " + folder + " on " + bootstrapServers();
    }
}
