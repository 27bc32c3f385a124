package io.yimen.simulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {
    /** Far below the time that a broker is given to start. */
    private static final Duration AT_ONCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void startsStopsAndStartsAgainOnTheSamePort() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("with blank"))) {
            String address = broker.bootstrapServers();
            assertThat(address).startsWith("127.0.0.1:");
            assertThat(accepts(address)).isTrue();

            broker.kill();
            assertThat(broker.isRunning()).isFalse();
            broker.start();
            assertThat(broker.bootstrapServers()).isEqualTo(address);
            assertThat(accepts(address)).isTrue();
        }
    }

    @Test
    void endsWithTheProcessThatStartedIt() throws Exception {
        Path data = folder.resolve("kafka");
        Process owner = ChildJvm.start(Holder.class, data.toString());
        long pid = Long.parseLong(ChildJvm.readLine(owner));
        owner.destroyForcibly().waitFor(10, TimeUnit.SECONDS);

        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
        EmbeddedBroker.start(data).close();
    }

    @Test
    void endsWithTheProcessThatStartedItEvenWhileItStarts() throws Exception {
        Path data = folder.resolve("kafka");
        Process owner = ChildJvm.start(Holder.class, data.toString());
        ProcessHandle broker = awaitProcess(data);
        owner.destroyForcibly().waitFor(10, TimeUnit.SECONDS);

        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !broker.isAlive());
    }

    @Test
    void movesToAnotherPortWhereSomebodyElseHoldsItsOwn() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
            String before = broker.bootstrapServers();
            broker.stop();
            try (ServerSocket stranger = occupy(port(before))) {
                broker.start();
                assertThat(port(broker.bootstrapServers())).isNotEqualTo(stranger.getLocalPort());
                assertThat(accepts(broker.bootstrapServers())).isTrue();
            }
        }
    }

    /** A port that is free when it is chosen may be taken when the server comes to bind it, seconds later. */
    @Test
    void triesOtherPortsWhenSomebodyIsFaster() throws Exception {
        CompletableFuture<EmbeddedBroker> starting = CompletableFuture.supplyAsync(() -> EmbeddedBroker.start(folder));
        List<Integer> chosen = awaitPorts();
        assertThat(chosen).hasSize(2);
        try (ServerSocket first = occupy(chosen.get(0));
                ServerSocket second = occupy(chosen.get(1));
                EmbeddedBroker broker = starting.get(60, TimeUnit.SECONDS)) {
            assertThat(port(broker.bootstrapServers())).isNotIn(first.getLocalPort(), second.getLocalPort());
            assertThat(accepts(broker.bootstrapServers())).isTrue();
        }
    }

    @Test
    void failsAtOnceAndSaysWhyWhenItCannotStart() throws Exception {
        Files.createDirectories(folder.resolve("log"));
        Files.writeString(folder.resolve("log/meta.properties"), "version=1\nnode.id=7\ncluster.id=another\n");
        long began = System.nanoTime();

        assertThatThrownBy(() -> EmbeddedBroker.start(folder))
                .isInstanceOf(SimulatorException.class)
                .hasMessageContaining("Stored node id 7")
                .hasMessageContaining(folder.resolve("server.log").toString());
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(AT_ONCE);
        assertThat(ProcessMark.read(folder.resolve("pid")).flatMap(ProcessMark::findAlive))
                .isEmpty();
    }

    @Test
    void failsAtOnceWhenItsProcessEndsWhileItStarts() throws Exception {
        CompletableFuture<EmbeddedBroker> starting = CompletableFuture.supplyAsync(() -> EmbeddedBroker.start(folder));
        awaitProcess(folder).destroyForcibly();

        assertThatThrownBy(() -> starting.get(AT_ONCE.toSeconds(), TimeUnit.SECONDS))
                .hasCauseInstanceOf(SimulatorException.class)
                .hasMessageContaining("status 137")
                .hasMessageContaining(folder.resolve("server.log").toString());
    }

    private static ProcessHandle awaitProcess(Path data) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> ProcessMark.read(data.resolve("pid")).flatMap(ProcessMark::findAlive), Optional::isPresent)
                .orElseThrow();
    }

    /** The ports that the node has been told. */
    private List<Integer> awaitPorts() {
        awaitProcess(folder);
        Properties told = new Properties();
        try (var in = Files.newBufferedReader(folder.resolve("server.properties"))) {
            told.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Pattern.compile("127\\.0\\.0\\.1:(\\d+)")
                .matcher(told.getProperty("listeners"))
                .results()
                .map(found -> Integer.parseInt(found.group(1)))
                .toList();
    }

    private static ServerSocket occupy(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1));
    }

    private static boolean accepts(String address) throws Exception {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(address)), 2_000);
            return socket.isConnected();
        }
    }

    /** Holds a broker until it is killed. */
    static final class Holder {
        public static void main(String[] args) throws Exception {
            System.out.println(EmbeddedBroker.start(Path.of(args[0])).pid());
            System.in.read();
        }
    }
}
