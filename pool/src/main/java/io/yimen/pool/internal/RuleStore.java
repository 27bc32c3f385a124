package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.identity.match.Learned;
import io.yimen.pool.identity.match.MatchRules;
import io.yimen.pool.identity.match.Weights;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.steward.RuleBook;
import io.yimen.pool.survivorship.Survivorship;
import io.yimen.pool.survivorship.SurvivorshipRules;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Table {@code rule_set}: the versions of the rules. */
public final class RuleStore {
    private static final String SELECT_ACTIVE = """
            select entity_type, document, weights from pool.rule_set where kind = ? and status = 'ACTIVE'
            """;
    private static final String SELECT_DOCUMENT = """
            select document from pool.rule_set where kind = ? and entity_type = ? and status = 'ACTIVE'
            """;
    private static final String SELECT_ALL = """
            select kind, entity_type, version, status = 'ACTIVE', document, learned, actor, note, at
              from pool.rule_set
             order by status, kind, entity_type, version desc
            """;
    private static final String RETIRE = """
            update pool.rule_set set status = 'RETIRED' where kind = ? and entity_type = ? and status = 'ACTIVE'
            returning version
            """;
    private static final String INSERT = """
            insert into pool.rule_set (kind, entity_type, version, document, weights, learned, status, actor, note, at)
            values (?, ?, ?, ?, ?, ?, 'ACTIVE', ?, ?, ?)
            """;
    private static final String CHANGED = "update pool.identity_state set rules = rules + 1";

    private final Connection db;

    public RuleStore(Connection db) {
        this.db = db;
    }

    /** A document in force. */
    record Active(
            String entityType, String document, @Nullable String weights) {}

    List<Active> active(RuleBook.Kind kind) throws SQLException {
        List<Active> active = new ArrayList<>();
        try (PreparedStatement select = db.prepareStatement(SELECT_ACTIVE)) {
            select.setString(1, kind.name());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    active.add(new Active(rows.getString(1), rows.getString(2), rows.getString(3)));
                }
            }
        }
        return active;
    }

    /** The document in force. */
    private Optional<String> findDocument(RuleBook.Kind kind, String entityType) throws SQLException {
        try (PreparedStatement select = db.prepareStatement(SELECT_DOCUMENT)) {
            select.setString(1, kind.name());
            select.setString(2, entityType);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    /** Match rules in force, by entity type. */
    public Map<String, Learned> matchRules() throws SQLException {
        Map<String, Learned> learned = new HashMap<>();
        for (Active active : active(RuleBook.Kind.MATCH)) {
            learned.put(active.entityType(), learned(active));
        }
        return learned;
    }

    /** Match rules of a type that are in force. */
    public Optional<Learned> findMatchRules(EntityType type) throws SQLException {
        return active(RuleBook.Kind.MATCH).stream()
                .filter(a -> a.entityType().equals(type.name()))
                .findFirst()
                .map(RuleStore::learned);
    }

    private static Learned learned(Active active) {
        return new Learned(
                MatchRules.parse("match rules of " + active.entityType(), active.document()),
                Weights.fromJson(String.valueOf(active.weights())));
    }

    /** Survivorship rules in force. */
    public Survivorship survivorship(PoolModel model, Vault vault) throws SQLException {
        List<SurvivorshipRules> rules = new ArrayList<>();
        for (Active active : active(RuleBook.Kind.SURVIVORSHIP)) {
            rules.add(
                    SurvivorshipRules.parse(model, "survivorship rules of " + active.entityType(), active.document()));
        }
        return Survivorship.of(model, vault, rules);
    }

    /** All versions, those in force first. */
    public List<RuleBook.Version> versions() throws SQLException {
        List<RuleBook.Version> versions = new ArrayList<>();
        try (PreparedStatement select = db.prepareStatement(SELECT_ALL);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                versions.add(new RuleBook.Version(
                        RuleBook.Kind.valueOf(rows.getString(1)),
                        rows.getString(2),
                        rows.getInt(3),
                        rows.getBoolean(4),
                        rows.getString(5),
                        rows.getString(6),
                        rows.getString(7),
                        rows.getString(8),
                        rows.getObject(9, OffsetDateTime.class).toInstant()));
            }
        }
        return versions;
    }

    /** The survivorship rules of a type that are in force. */
    public Optional<String> findSurvivorship(EntityType type) throws SQLException {
        return findDocument(RuleBook.Kind.SURVIVORSHIP, type.name());
    }

    /** A document to put in force. */
    record Put(
            RuleBook.Kind kind,
            String entityType,
            String document,
            @Nullable String weights,
            String learned,
            String actor,
            String note) {}

    /** Puts a document in force in place of the one before; returns its version. */
    int put(Put put, OffsetDateTime at) throws SQLException {
        int before = 0;
        try (PreparedStatement retire = db.prepareStatement(RETIRE)) {
            retire.setString(1, put.kind.name());
            retire.setString(2, put.entityType);
            try (ResultSet rows = retire.executeQuery()) {
                while (rows.next()) {
                    before = rows.getInt(1);
                }
            }
        }
        try (PreparedStatement insert = db.prepareStatement(INSERT)) {
            insert.setString(1, put.kind.name());
            insert.setString(2, put.entityType);
            insert.setInt(3, before + 1);
            insert.setString(4, put.document);
            insert.setString(5, put.weights);
            insert.setString(6, put.learned);
            insert.setString(7, put.actor);
            insert.setString(8, put.note);
            insert.setObject(9, at);
            insert.executeUpdate();
        }
        try (PreparedStatement changed = db.prepareStatement(CHANGED)) {
            changed.executeUpdate();
        }
        return before + 1;
    }

    /** Match rules that come with the pool, for types of the model that have all their fields. */
    public static Map<String, Learned> bundled(PoolModel model) {
        Map<String, Learned> bundled = new HashMap<>();
        for (EntityType type : model.types()) {
            document(type).ifPresent(document -> {
                MatchRules rules = MatchRules.parse(name(type) + ".yaml", document);
                if (rules.entity().equals(type.name())
                        && rules.fields().stream()
                                .allMatch(f -> type.findIndex(f.name()).isPresent())) {
                    String weights = resource(name(type) + ".weights.json")
                            .orElseThrow(() -> new PoolException(
                                    PoolException.Kind.CONFIGURATION,
                                    "The match rules of " + type + " came without weights"));
                    bundled.put(type.name(), new Learned(rules, Weights.fromJson(weights)));
                }
            });
        }
        return bundled;
    }

    /** The text of a type's rules that come with the pool. */
    static Optional<String> document(EntityType type) {
        return resource(name(type) + ".yaml");
    }

    private static String name(EntityType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    private static Optional<String> resource(String name) {
        try (InputStream in = RuleStore.class.getResourceAsStream("/io/yimen/pool/rules/" + name)) {
            return in == null ? Optional.empty() : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("The rules that come with the pool cannot be read", e);
        }
    }
}
