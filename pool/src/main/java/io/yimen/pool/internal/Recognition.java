package io.yimen.pool.internal;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.identity.Ruling;
import io.yimen.pool.identity.match.Learned;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.survivorship.Survivorship;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the pool keeps in memory to recognise records: the rules in force, what people ruled, and per entity type the
 * records with their possible pairs. Follows the database: whoever enters a transaction brings it up to what that
 * transaction sees. What a transaction changed that then failed is read again by the next one.
 *
 * <p>Guarded by the turn of its pool.
 */
public final class Recognition {
    private static final String SELECT_STATE =
            "select claims, rulings, rules, corrections, writes from pool.identity_state";
    private static final String CLAIMS_CHANGED = "update pool.identity_state set claims = claims + 1";
    private static final String CORRECTED =
            "update pool.identity_state set corrections = corrections + ? returning corrections";
    private static final String WRITTEN = "update pool.identity_state set writes = writes + ? returning writes";
    private static final String RULINGS_CHANGED = "update pool.identity_state set rulings = rulings + 1";

    private final PoolModel model;
    private final Vault vault;
    private final Map<String, RecordGraph> graphs = new HashMap<>();
    /** Records that the transaction in hand put or removed. */
    private final Map<String, Set<RecordRef>> touched = new HashMap<>();
    /** The same of transactions that failed. */
    private final Map<String, Set<RecordRef>> doubtful = new HashMap<>();

    private Map<RecordRef, List<Ruling>> rulings = Map.of();
    private Map<String, Learned> rules = Map.of();
    private Survivorship survivorship;
    private long claimsSeen = -1;
    private long rulingsSeen = -1;
    private long rulesSeen = -1;
    /** How many corrections stand; read with every transaction. */
    private long corrections;
    /** How many values there ever were to be written back, likewise. */
    private long writes;

    private @Nullable Streams streams;
    private boolean claimsChanged;
    /** Whether it is still to be written that claims changed. */
    private boolean claimsUntold;

    private boolean rulingsChanged;
    private boolean rulesChanged;
    private boolean streamsChanged;

    public Recognition(PoolModel model, Vault vault) {
        this.model = model;
        this.vault = vault;
        this.survivorship = Survivorship.bundled(model, vault);
    }

    /** Which value survives, by the rules in force. */
    Survivorship survivorship() {
        return survivorship;
    }

    /** Brings it up to what the transaction sees. */
    public void follow(Connection db) throws SQLException {
        try (PreparedStatement select = db.prepareStatement(SELECT_STATE);
                ResultSet row = select.executeQuery()) {
            row.next();
            if (row.getLong(1) != claimsSeen) {
                streams = null;
                graphs.clear();
                doubtful.clear();
                claimsSeen = row.getLong(1);
            }
            if (row.getLong(2) != rulingsSeen) {
                rulings = readRulings(db);
                rulingsSeen = row.getLong(2);
            }
            if (row.getLong(3) != rulesSeen) {
                graphs.clear();
                doubtful.clear();
                RuleStore store = new RuleStore(db);
                rules = store.matchRules();
                survivorship = store.survivorship(model, vault);
                rulesSeen = row.getLong(3);
            }
            corrections = row.getLong(4);
            writes = row.getLong(5);
        }
    }

    /** Whether any correction stands; what has to do with them is not even looked at otherwise. */
    boolean isCorrected() {
        return corrections > 0;
    }

    /** The transaction puts so many more corrections in force. */
    void corrected(Connection db, int more) throws SQLException {
        if (more != 0) {
            corrections = count(db, CORRECTED, more);
        }
    }

    /** Whether anything was ever to be written back; no batch looks for its echo otherwise. */
    boolean isWritten() {
        return writes > 0;
    }

    /** The transaction has so many more values written back. */
    void toWrite(Connection db, int more) throws SQLException {
        if (more != 0) {
            writes = count(db, WRITTEN, more);
        }
    }

    private static long count(Connection db, String sql, int more) throws SQLException {
        try (PreparedStatement update = db.prepareStatement(sql)) {
            update.setInt(1, more);
            try (ResultSet row = update.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** Notes in the database what the transaction changed; before its commit. */
    public void publish(Connection db) throws SQLException {
        if (claimsUntold) {
            execute(db, CLAIMS_CHANGED);
        }
        if (rulingsChanged) {
            execute(db, RULINGS_CHANGED);
        }
    }

    /** The transaction was committed. */
    public void committed() {
        claimsSeen += claimsChanged ? 1 : 0;
        rulingsSeen += rulingsChanged ? 1 : 0;
        settle();
    }

    /** The transaction was rolled back, or nobody knows. */
    public void rolledBack() {
        touched.forEach((type, refs) ->
                doubtful.computeIfAbsent(type, t -> new HashSet<>()).addAll(refs));
        if (rulingsChanged) {
            rulingsSeen = -1;
        }
        if (rulesChanged) {
            rulesSeen = -1;
        }
        if (streamsChanged) {
            // Records may have been read anew by a declaration that never came to be.
            claimsSeen = -1;
        }
        settle();
    }

    private void settle() {
        touched.clear();
        claimsChanged = false;
        claimsUntold = false;
        rulingsChanged = false;
        rulesChanged = false;
        streamsChanged = false;
    }

    /** The transaction put other rules in force. */
    public void rulesChanged(Connection db) throws SQLException {
        follow(db);
        rulesChanged = true;
    }

    /** The transaction declares streams that are new or otherwise than before: whoever keeps records reads them anew. */
    public void streamsChanged() {
        streams = null;
        graphs.clear();
        doubtful.clear();
        if (!claimsChanged) {
            claimsUntold = true;
            claimsChanged = true;
        }
        streamsChanged = true;
    }

    /** All streams as they are declared. */
    public Streams streams(Connection db) throws SQLException {
        Streams known = streams;
        if (known == null) {
            known = Streams.load(db, model);
            streams = known;
        }
        return known;
    }

    /** Whether the type has match rules. */
    boolean isWeighed(EntityType type) {
        return rules.containsKey(type.name());
    }

    Map<String, Learned> rules() {
        return rules;
    }

    /** The records of a type with their pairs, as the transaction sees them; {@code null} for a type without rules. */
    @Nullable
    RecordGraph graph(EntityType type, Transaction tx) throws SQLException {
        Learned learned = rules.get(type.name());
        if (learned == null) {
            return null;
        }
        RecordGraph graph = graphs.get(type.name());
        if (graph == null) {
            graph = load(type, learned, tx);
            graphs.put(type.name(), graph);
        }
        Set<RecordRef> doubts = doubtful.remove(type.name());
        if (doubts != null) {
            Map<RecordRef, Claim> claims = new SourceRecords(tx).claims(doubts);
            for (RecordRef ref : doubts) {
                Claim claim = claims.get(ref);
                if (claim == null) {
                    graph.remove(ref);
                } else {
                    graph.put(claim);
                }
            }
            graph.refresh();
        }
        return graph;
    }

    private RecordGraph load(EntityType type, Learned learned, Transaction tx) throws SQLException {
        doubtful.remove(type.name());
        RecordGraph graph = new RecordGraph(type, learned, tx.streams().all().values(), vault);
        new SourceRecords(tx).forEachClaim(type, graph::put);
        graph.load();
        return graph;
    }

    /** The transaction puts or removes a record of a type with rules. */
    void touch(EntityType type, RecordRef ref, Transaction tx) {
        touched.computeIfAbsent(type.name(), t -> new HashSet<>()).add(ref);
        if (!claimsChanged) {
            tx.later(CLAIMS_CHANGED);
            claimsChanged = true;
        }
    }

    /** Whether people ruled anything that is in force. */
    boolean hasRulings() {
        return !rulings.isEmpty();
    }

    /** Rulings in force that speak of a record. */
    List<Ruling> rulingsOf(RecordRef ref) {
        return rulings.getOrDefault(ref, List.of());
    }

    /** Rulings in force that speak of any of the records, each once. */
    Collection<Ruling> rulingsOf(Collection<RecordRef> refs) {
        if (rulings.isEmpty()) {
            return List.of();
        }
        Map<Long, Ruling> found = new TreeMap<>();
        for (RecordRef ref : refs) {
            rulingsOf(ref).forEach(r -> found.put(r.number(), r));
        }
        return found.values();
    }

    /** The transaction made or withdrew a decision. */
    void rulingsChanged(Connection db) throws SQLException {
        rulingsChanged = true;
        rulings = readRulings(db);
    }

    /** All rulings in force, by the records that they speak of. */
    private static Map<RecordRef, List<Ruling>> readRulings(Connection db) throws SQLException {
        Map<RecordRef, List<Ruling>> byRecord = new HashMap<>();
        for (Ruling ruling : DecisionTable.inForce(db)) {
            Set<RecordRef> refs = new HashSet<>(ruling.same());
            refs.addAll(ruling.left());
            refs.addAll(ruling.right());
            refs.forEach(
                    ref -> byRecord.computeIfAbsent(ref, r -> new ArrayList<>()).add(ruling));
        }
        return byRecord;
    }

    private static void execute(Connection db, String sql) throws SQLException {
        try (PreparedStatement statement = db.prepareStatement(sql)) {
            statement.executeUpdate();
        }
    }
}
