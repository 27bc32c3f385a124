package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** A connection to a Kafka cluster that reads topics, belongs to no group, and changes nothing there. */
final class TopicClient implements AutoCloseable {
    private static final Set<String> PROTOCOLS = Set.of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL");
    private static final Map<String, String> MODULES = Map.of(
            "PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule",
            "SCRAM-SHA-256", "org.apache.kafka.common.security.scram.ScramLoginModule",
            "SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule");

    private final Connector connector;
    private final Admin admin;
    private final KafkaConsumer<KeptBytes, KeptBytes> consumer;
    private final KeptBytes.Reading reading = new KeptBytes.Reading();

    TopicClient(Connector connector, Properties properties) {
        this.connector = connector;
        this.admin = calling(() -> Admin.create(properties));
        try {
            this.consumer = calling(() -> new KafkaConsumer<>(properties, reading, reading));
        } catch (RuntimeException e) {
            admin.close();
            throw e;
        }
    }

    KafkaConsumer<KeptBytes, KeptBytes> consumer() {
        return consumer;
    }

    /** The next records, of which no more is kept than there is room for. */
    ConsumerRecords<KeptBytes, KeptBytes> poll(Duration patience) {
        reading.begin();
        try {
            return calling(() -> consumer.poll(patience));
        } catch (OutOfMemoryError e) {
            // Thrown where there is no room for one record, which the client unpacks whole: nothing else is harmed.
            throw failure(
                    ConnectorException.Kind.UNEXPECTED,
                    "record-too-large",
                    "a record unpacks to more than the memory of the hub has room for; ask its owner to remove it",
                    e);
        }
    }

    /** The topics as the cluster describes them now, by name. */
    Map<String, TopicDescription> describe(Collection<String> topics) {
        return calling(() -> {
            try {
                return admin.describeTopics(topics).allTopicNames().get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof KafkaException k ? k : new KafkaException(e.getCause());
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        });
    }

    /** Something that asks the cluster. */
    interface Call<T> {
        T run();
    }

    /** Asks, and says what goes wrong as the run understands it. */
    <T> T calling(Call<T> call) {
        try {
            return call.run();
        } catch (InterruptException e) {
            Thread.currentThread().interrupt();
            throw new ConnectorException(ConnectorException.Kind.STOPPED, "stopped", "interrupted", e);
        } catch (UnknownTopicOrPartitionException e) {
            throw failure(ConnectorException.Kind.UNEXPECTED, "missing-topic", "a topic that it names is not there", e);
        } catch (AuthenticationException | AuthorizationException e) {
            CertificateFault fault = CertificateFault.find(e).orElse(null);
            if (fault != null) {
                throw failure(
                        ConnectorException.Kind.UNEXPECTED,
                        fault.code(),
                        "the certificate of the cluster " + fault.text() + "; " + fault.remedy(),
                        e);
            }
            throw failure(
                    ConnectorException.Kind.UNEXPECTED,
                    "refused",
                    "the cluster refuses its user; it has to be able to read and describe the topics",
                    e);
        } catch (KafkaException e) {
            throw e.getCause() instanceof ConfigException
                    ? failure(
                            ConnectorException.Kind.CONFIGURATION,
                            "configuration",
                            "its addresses or security settings are wrong",
                            e)
                    : failure(ConnectorException.Kind.UNREACHABLE, "connection", "the cluster does not answer", e);
        }
    }

    private ConnectorException failure(ConnectorException.Kind kind, String code, String what, Throwable e) {
        return new ConnectorException(
                kind, code, connector.id() + ": " + what + " (" + e.getClass().getSimpleName() + ")", e);
    }

    /**
     * What a client of this connector is made with.
     *
     * @throws io.yimen.connectors.manifest.ManifestException if a security setting does not do
     */
    static Properties properties(Connector connector, Manifest.Topic settings) {
        Properties p = new Properties();
        settings.properties().forEach(p::setProperty);
        p.setProperty("bootstrap.servers", connector.parameters().getFilled(settings.servers()));
        p.setProperty("client.id", "yimen-" + connector.id());
        p.setProperty("auto.offset.reset", "none");
        p.setProperty("enable.auto.commit", "false");
        p.setProperty("allow.auto.create.topics", "false");
        p.setProperty("isolation.level", "read_committed");
        p.setProperty("fetch.max.bytes", Integer.toString(8 << 20));
        p.setProperty("max.poll.records", "1000");
        p.setProperty("request.timeout.ms", "5000");
        p.setProperty("default.api.timeout.ms", "5000");
        p.setProperty("metric.reporters", "");
        p.setProperty("enable.metrics.push", "false");
        secure(p, connector, settings.security());
        return p;
    }

    private static void secure(Properties p, Connector connector, Manifest.Topic.Security security) {
        String protocol = filled(connector, security.protocol()).orElse("PLAINTEXT");
        if (!PROTOCOLS.contains(protocol)) {
            throw connector.wrong(security.protocol(), "is none of " + sorted(PROTOCOLS));
        }
        p.setProperty("security.protocol", protocol);
        if (protocol.startsWith("SASL_")) {
            String mechanism = filled(connector, security.mechanism()).orElse("");
            String module = MODULES.get(mechanism);
            if (module == null) {
                throw connector.wrong(security.mechanism(), "is none of " + sorted(MODULES.keySet()));
            }
            p.setProperty("sasl.mechanism", mechanism);
            p.setProperty(
                    "sasl.jaas.config",
                    module + " required username=" + quoted(needed(connector, security.username())) + " password="
                            + quoted(needed(connector, security.password())) + ";");
        }
        filled(connector, security.authorities()).ifPresent(file -> {
            p.setProperty("ssl.truststore.type", "PEM");
            p.setProperty("ssl.truststore.location", file);
        });
    }

    private static String needed(Connector connector, String template) {
        return filled(connector, template).orElseThrow(() -> connector.wrong(template, "is needed for SASL"));
    }

    private static Optional<String> filled(Connector connector, String template) {
        return connector.parameters().findFilled(template).filter(v -> !v.isEmpty());
    }

    /** A value within a login configuration, which could else say more than its own. */
    private static String quoted(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String sorted(Set<String> values) {
        return values.stream().sorted().collect(Collectors.joining(", "));
    }

    @Override
    public void close() {
        try (admin) {
            consumer.close();
        }
    }
}
