package io.yimen.hub.publish;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.yimen.hub.Databases;
import io.yimen.hub.config.HubConfig;
import io.yimen.pool.PoolException;
import io.yimen.pool.ledger.ChangePage;
import io.yimen.pool.ledger.Operation;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Brings every change to Kafka at least once, in the order of commits for each key. The cursor moves only after the
 * broker has acknowledged, so a crash repeats and never skips. While Kafka is down the pool goes on and the changes
 * wait in it.
 *
 * <p>{@link #drain} is called again and again by one thread; the rest may be called by any.
 */
@Singleton
public class Outbox {
    static final String DELIVERY = "kafka";

    /**
     * Within a day nothing is left of an entity but its last change, and nothing at all of one that was erased; in the
     * end everything goes after the broker's time of retention.
     */
    private static final Map<String, String> FORGETTING = Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_COMPACT + "," + TopicConfig.CLEANUP_POLICY_DELETE,
            TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG,
            Long.toString(Duration.ofDays(1).toMillis()),
            TopicConfig.DELETE_RETENTION_MS_CONFIG,
            Long.toString(Duration.ofDays(7).toMillis()));

    private static final Logger LOG = Logger.getLogger(Outbox.class);
    private static final int BATCH = 500;
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private final Optional<String> servers;
    private final ChangeLog log;
    private final CloudEvents events;
    private final PoolModel model;
    private final Semaphore signal = new Semaphore(0);
    private volatile long published;
    private volatile long last;
    private volatile boolean stopping;
    private @Nullable Producer<byte[], byte[]> producer;
    private boolean cursorKnown;
    private boolean topicsKnown;
    /** Topics that forget what they hold under a key once they are told to. */
    private Set<String> compacted = Set.of();

    private Duration pause = Duration.ZERO;

    Outbox(HubConfig config, Databases databases, PoolModel model, ObjectMapper json, MeterRegistry meters) {
        this.servers = config.kafka().bootstrapServers().filter(s -> !s.isBlank());
        this.log = new ChangeLog(databases.applying(), model, json);
        this.events = new CloudEvents(json, model);
        this.model = model;
        if (isOn()) {
            meters.gauge("yimen.outbox.lag", this, Outbox::lag);
        }
    }

    /** Whether changes are published. */
    public boolean isOn() {
        return servers.isPresent();
    }

    /** Sequence number up to which all is published. */
    public long published() {
        return published;
    }

    /** Changes that wait. */
    public long lag() {
        return Math.max(0, last - published);
    }

    /** There are changes up to {@code seq}. */
    public void wake(long seq) {
        last = Math.max(last, seq);
        signal.release();
    }

    /** Ends what {@link #drain} waits for. */
    public void stop() {
        stopping = true;
        signal.release();
    }

    /** Publishes what there is, or waits a little for something to publish. Failures are waited out here. */
    public void drain() {
        try {
            if (pause.isZero()) {
                signal.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
            } else if (!stopping) {
                // Wake-ups by new changes do not shorten the pause after a failure.
                pauseFor(pause);
            }
            signal.drainPermits();
            prepare();
            while (!stopping && publishBatch()) {
                pause = Duration.ZERO;
            }
            pause = Duration.ZERO;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (PoolException | KafkaException | ExecutionException | TimeoutException e) {
            Duration longer = pause.isZero() ? POLL : min(pause.multipliedBy(2), LONGEST_PAUSE);
            LOG.logf(
                    longer.equals(pause) ? Logger.Level.DEBUG : Logger.Level.WARN,
                    "Publishing waits %s: %s",
                    longer,
                    reason(e));
            pause = longer;
            reset();
        }
    }

    private void pauseFor(Duration time) throws InterruptedException {
        long until = System.nanoTime() + time.toNanos();
        while (!stopping && System.nanoTime() < until) {
            signal.tryAcquire(until - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
    }

    private void prepare() throws ExecutionException, InterruptedException, TimeoutException {
        if (stopping) {
            return;
        }
        if (!cursorKnown) {
            published = log.cursor(DELIVERY);
            last = Math.max(last, log.last());
            cursorKnown = true;
        }
        if (producer == null) {
            producer = new KafkaProducer<>(Map.of(
                    CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
                    servers.orElseThrow(),
                    CommonClientConfigs.CLIENT_ID_CONFIG,
                    "yimen-outbox",
                    ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
                    ByteArraySerializer.class,
                    ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
                    ByteArraySerializer.class,
                    ProducerConfig.ACKS_CONFIG,
                    "all",
                    ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                    true,
                    // A batch that expired while later ones got through would change the order: none expires.
                    ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                    Integer.MAX_VALUE,
                    ProducerConfig.MAX_BLOCK_MS_CONFIG,
                    5000L,
                    ProducerConfig.LINGER_MS_CONFIG,
                    5));
        }
        if (!topicsKnown) {
            createTopics();
            topicsKnown = true;
        }
    }

    /** Asks the broker for the topics; one that does not let clients create them has to have them. */
    private void createTopics() throws ExecutionException, InterruptedException, TimeoutException {
        try (Admin admin = Admin.create(Map.of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
                servers.orElseThrow(),
                CommonClientConfigs.CLIENT_ID_CONFIG,
                "yimen-topics"))) {
            var existing = admin.listTopics().names().get(10, TimeUnit.SECONDS);
            List<NewTopic> missing = model.types().stream()
                    .map(EntityType::name)
                    .map(CloudEvents::topic)
                    .filter(t -> !existing.contains(t))
                    .map(t -> new NewTopic(t, Optional.empty(), Optional.empty()).configs(FORGETTING))
                    .toList();
            for (var creation : admin.createTopics(missing).values().entrySet()) {
                try {
                    creation.getValue().get(10, TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof TopicExistsException)) {
                        LOG.warnf("Topic %s: %s. Create it", creation.getKey(), reason(e));
                    }
                }
            }
            compacted = compacted(admin);
        }
    }

    /** Which topics are compacted; whoever made them otherwise is told what that means. */
    private Set<String> compacted(Admin admin) throws InterruptedException, TimeoutException {
        Set<String> compacted = new TreeSet<>();
        List<ConfigResource> topics = model.types().stream()
                .map(t -> new ConfigResource(ConfigResource.Type.TOPIC, CloudEvents.topic(t.name())))
                .toList();
        for (var asked : admin.describeConfigs(topics).values().entrySet()) {
            String topic = asked.getKey().name();
            try {
                var policy = asked.getValue().get(10, TimeUnit.SECONDS).get(TopicConfig.CLEANUP_POLICY_CONFIG);
                if (policy != null && policy.value().contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
                    compacted.add(topic);
                    continue;
                }
                LOG.warnf(
                        "Topic %s is not compacted: what is erased stays in it until its retention ends. Set %s=%s",
                        topic, TopicConfig.CLEANUP_POLICY_CONFIG, FORGETTING.get(TopicConfig.CLEANUP_POLICY_CONFIG));
            } catch (ExecutionException e) {
                LOG.warnf("Topic %s: whether it is compacted is not told: %s", topic, reason(e));
            }
        }
        return compacted;
    }

    /** Whether there was anything to publish. */
    private boolean publishBatch() throws ExecutionException, InterruptedException {
        List<ChangePage.Change> changes = log.after(published, BATCH);
        Producer<byte[], byte[]> to = producer;
        if (changes.isEmpty() || to == null) {
            last = Math.max(last, published);
            return false;
        }
        List<Future<RecordMetadata>> acknowledgements = new ArrayList<>(changes.size());
        for (ChangePage.Change change : changes) {
            acknowledgements.add(send(to, events.from(change)));
            if (change.operation() == Operation.ERASED && compacted.contains(CloudEvents.topic(change.entityType()))) {
                acknowledgements.add(send(to, events.tombstone(change)));
            }
        }
        for (Future<RecordMetadata> acknowledgement : acknowledgements) {
            if (!isAcknowledged(acknowledgement)) {
                return false;
            }
        }
        long seq = changes.get(changes.size() - 1).seq();
        log.move(DELIVERY, seq);
        published = seq;
        last = Math.max(last, seq);
        return true;
    }

    private static Future<RecordMetadata> send(Producer<byte[], byte[]> to, ProducerRecord<byte[], byte[]> record)
            throws ExecutionException, InterruptedException {
        Future<RecordMetadata> sent = to.send(record);
        if (sent.isDone()) {
            // Refused before it was sent, e.g. for want of metadata: nothing later may overtake it.
            sent.get();
        }
        return sent;
    }

    /** Waits as long as it takes, unless the hub stops. */
    private boolean isAcknowledged(Future<RecordMetadata> acknowledgement)
            throws ExecutionException, InterruptedException {
        while (!stopping) {
            try {
                acknowledgement.get(500, TimeUnit.MILLISECONDS);
                return true;
            } catch (TimeoutException e) {
                LOG.debug("Waiting for the broker");
            }
        }
        return false;
    }

    /** Begins anew from the cursor: what was not acknowledged is sent again. */
    private void reset() {
        if (producer != null) {
            producer.close(Duration.ZERO);
            producer = null;
        }
        cursorKnown = false;
    }

    /** Closes the producer; {@link #drain} is not called any more. */
    public void close() {
        if (producer != null) {
            producer.close(Duration.ofSeconds(2));
            producer = null;
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static String reason(Throwable e) {
        Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }
}
