package io.yimen.simulators.kafka;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.slf4j.LoggerFactory;

/**
 * One Kafka node, broker and controller in one. Formats its folder the first time and runs until its standard input
 * ends: a parent that was killed takes its broker with it. One line on standard output says how the start ended:
 * {@code ready}, or {@code failed} and why; Kafka itself ends the process without one when its controller fails.
 */
public final class BrokerMain {
    private BrokerMain() {}

    /** Takes the file of the node's properties. */
    @SuppressWarnings("SystemExitOutsideMain")
    public static void main(String[] args) {
        Thread watch = new Thread(BrokerMain::exitWhenInputEnds, "parent-watch");
        watch.setDaemon(true);
        watch.start();
        KafkaRaftServer server;
        try {
            server = start(Path.of(args[0]));
        } catch (Throwable e) {
            LoggerFactory.getLogger(BrokerMain.class).error("The node did not start", e);
            System.out.println("failed " + reason(e));
            System.out.flush();
            // What did start has threads that would keep the process alive for ever; nothing was promised yet that an
            // orderly end would have to keep.
            Runtime.getRuntime().halt(1);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "broker-shutdown"));
        System.out.println("ready");
        server.awaitShutdown();
    }

    private static KafkaRaftServer start(Path file) throws Exception {
        Properties properties = new Properties();
        try (var in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(in);
        }
        Path log = Path.of(properties.getProperty("log.dirs"));
        if (!Files.exists(log.resolve("meta.properties"))) {
            Files.createDirectories(log);
            new Formatter()
                    .setNodeId(Integer.parseInt(properties.getProperty("node.id")))
                    .setClusterId(Uuid.randomUuid().toString())
                    .addDirectory(log.toString())
                    .setMetadataLogDirectory(log.toString())
                    .setControllerListenerName(properties.getProperty("controller.listener.names"))
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                    .run();
        }
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
        server.startup();
        return server;
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.toString().lines().findFirst().orElse("");
    }

    private static void exitWhenInputEnds() {
        InputStream in = System.in;
        try {
            while (in.read() >= 0) {
                continue;
            }
        } catch (IOException e) {
            // A broken pipe says the same as its end.
        }
        System.exit(0);
    }
}
