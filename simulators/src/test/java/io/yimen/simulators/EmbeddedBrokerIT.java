package io.yimen.simulators;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {
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

    private static boolean accepts(String address) throws Exception {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(
                            InetAddress.getLoopbackAddress(),
                            Integer.parseInt(address.substring(address.indexOf(':') + 1))),
                    2_000);
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
