package io.yimen.simulators;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The data platform of a district (区"城市大脑"): hands population, homes and flags of care back to the communities, as
 * topics of a Kafka cluster. It knows a part of the residents of the community system of the same seed, some by a name
 * that was misheard. Thread-safe.
 */
public final class CityBrain implements LegacySystem {
    private static final String ID = "city-brain";
    private static final String PEOPLE = "csdn.renkou";
    private static final String HOMES = "csdn.fangwu";
    private static final List<String> CARE = List.of("无", "独居", "低保", "残疾");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
    private static final DateTimeFormatter BASIC = DateTimeFormatter.BASIC_ISO_DATE;

    private final String servers;
    private final ObjectMapper json = new ObjectMapper();
    private final KafkaProducer<byte[], byte[]> producer;
    private final Life life = new Life(ID, this::step);
    private final SplittableRandom random;
    private final List<Known> people = new ArrayList<>();

    /** Somebody of whom the platform knows. */
    private record Known(String key, String village, String address, Neighbourhood.Resident resident) {}

    private CityBrain(String servers, long seed) {
        this.servers = servers;
        this.random = new SplittableRandom(seed * 13);
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", servers);
        properties.setProperty("acks", "all");
        properties.setProperty("linger.ms", "5");
        properties.setProperty("delivery.timeout.ms", "30000");
        properties.setProperty("request.timeout.ms", "10000");
        this.producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * Fills the topics of the cluster, unless they are there already.
     *
     * @param people the community system whose residents it knows
     * @param communities in how many of their communities
     */
    public static CityBrain start(String servers, CommunitySystem.Options people, int communities) {
        CityBrain brain = new CityBrain(servers, people.seed());
        try {
            brain.fill(brain.create(), people, communities);
        } catch (RuntimeException e) {
            brain.close();
            throw e;
        }
        return brain;
    }

    @Override
    public String connector() {
        return ID;
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(ID, Map.of("bootstrap-servers", servers));
    }

    @Override
    public void live(double perSecond) {
        life.go(perSecond);
    }

    /** So many people need another care than before, or have left. */
    public synchronized void step(int changes) {
        LocalDateTime now = LocalDateTime.now(Cases.ZONE);
        for (int i = 0; i < changes && !people.isEmpty(); i++) {
            int at = random.nextInt(people.size());
            Known who = people.get(at);
            if (random.nextInt(20) == 0) {
                people.remove(at);
                send(PEOPLE, who.key, null);
            } else {
                send(PEOPLE, who.key, person(who, CARE.get(random.nextInt(CARE.size())), now));
            }
        }
        producer.flush();
    }

    private boolean create() {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", servers);
        try (Admin admin = Admin.create(properties)) {
            admin.createTopics(List.of(new NewTopic(PEOPLE, 2, (short) 1), new NewTopic(HOMES, 1, (short) 1)))
                    .all()
                    .get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return false;
            }
            throw new SimulatorException("The topics of " + ID + " cannot be made: " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SimulatorException("Interrupted");
        }
    }

    private void fill(boolean sending, CommunitySystem.Options knownPeople, int communities) {
        int[] numbers = new int[2];
        Neighbourhood.stream(knownPeople, new Names()).limit(communities).forEach(n -> {
            LocalDateTime at = LocalDateTime.of(2026, 1, 10, 8, 0).plusMinutes(random.nextInt(60_000));
            for (Neighbourhood.Family family : n.families()) {
                if (random.nextInt(3) > 0) {
                    continue;
                }
                if (sending) {
                    send(HOMES, "FW%06d".formatted(++numbers[0]), home(family.home(), n.village(), at));
                }
                for (Neighbourhood.Resident resident : family.members()) {
                    Known who = new Known(
                            "RK%06d".formatted(++numbers[1]),
                            n.village().code(),
                            n.village().county() + family.home().address(),
                            resident);
                    people.add(who);
                    boolean old = resident.birth().getYear() < 1955;
                    String care = CARE.get(old ? random.nextInt(3) : random.nextInt(30) == 0 ? 3 : 0);
                    if (sending) {
                        send(PEOPLE, who.key, person(who, care, at));
                    }
                }
            }
        });
        producer.flush();
    }

    private ObjectNode person(Known who, String care, LocalDateTime at) {
        Neighbourhood.Resident r = who.resident;
        String name = random.nextInt(60) == 0 ? r.name().replace('丽', '莉').replace('军', '君') : r.name();
        return json.createObjectNode()
                .put("xm", name)
                .put("sfzh", r.idNumber())
                .put("xb", r.male() ? "男" : "女")
                .put("csrq", r.birth().format(BASIC))
                .put("jzdz", who.address)
                .put("ghbq", care)
                .put("xzqh", who.village)
                .put("sjly", "公安")
                .put("gxsj", at.format(TIME));
    }

    private ObjectNode home(Neighbourhood.Home home, Division village, LocalDateTime at) {
        return json.createObjectNode()
                .put("fwdz", home.address())
                .put("xqmc", home.compound())
                .put("ldh", home.building())
                .put("dyh", home.unit())
                .put("fh", home.door())
                .put("mj", home.area())
                .put("xzqh", village.code())
                .put("gxsj", at.format(TIME));
    }

    private void send(String topic, String key, @Nullable ObjectNode value) {
        try {
            byte[] bytes = value == null ? null : json.writeValueAsBytes(value);
            var unused = producer.send(new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), bytes));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } catch (KafkaException e) {
            throw new SimulatorException(
                    "The cluster does not take records: " + e.getClass().getSimpleName());
        }
    }

    @Override
    public void close() {
        life.pause();
        producer.close(Duration.ofSeconds(5));
    }
}
