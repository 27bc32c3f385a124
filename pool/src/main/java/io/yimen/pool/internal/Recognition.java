package io.yimen.pool.internal;

import io.yimen.pool.HeldMemory;
import io.yimen.pool.PostgresPool;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    /** {@link State} as it is. */
    public static final String SELECT_STATE = """
            select claims, rulings, rules, corrections, writes, erasures, (select last_value from pool.entity_id)
              from pool.identity_state
            """;

    private static final String CLAIMS_CHANGED = "update pool.identity_state set claims = claims + 1";
    private static final String CORRECTED =
            "update pool.identity_state set corrections = corrections + ? returning corrections";
    private static final String WRITTEN = "update pool.identity_state set writes = writes + ? returning writes";
    private static final String ERASED = "update pool.identity_state set erasures = erasures + 1";
    private static final String RULINGS_CHANGED = "update pool.identity_state set rulings = rulings + 1";

    /** Records that are read again in one go. */
    private static final int READ = 5_000;
    /** Ids that are taken ahead. */
    private static final int IDS = 256;

    private final PoolModel model;
    private final Vault vault;
    private final Map<String, RecordGraph> graphs = new HashMap<>();
    /** Ids that were taken and not given to an entity yet. */
    private final Deque<Long> ids = new ArrayDeque<>();
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

    private Readying readying = Readying.nothing();
    private Tombstones tombstones = Tombstones.NONE;
    private long erasuresSeen;

    private @Nullable Streams streams;
    /** How many records the transaction in hand spoke of. */
    private long told;

    private boolean rulingsChanged;
    private boolean rulesChanged;
    private boolean streamsChanged;

    public Recognition(PoolModel model, Vault vault) {
        this.model = model;
        this.vault = vault;
        this.survivorship = Survivorship.bundled(model, vault);
    }

    /** What the database counts. */
    public record State(
            long claims, long rulings, long rules, long corrections, long writes, long erasures, long lastId) {
        static State read(Connection db) throws SQLException {
            try (PreparedStatement select = db.prepareStatement(SELECT_STATE);
                    ResultSet row = select.executeQuery()) {
                return of(row);
            }
        }

        /** The answer to {@link #SELECT_STATE}. */
        public static State of(ResultSet row) throws SQLException {
            row.next();
            return new State(
                    row.getLong(1),
                    row.getLong(2),
                    row.getLong(3),
                    row.getLong(4),
                    row.getLong(5),
                    row.getLong(6),
                    row.getLong(7));
        }
    }

    /** Which value survives, by the rules in force. */
    Survivorship survivorship() {
        return survivorship;
    }

    /** Brings it up to what the transaction sees. */
    public void follow(Connection db) throws SQLException {
        follow(db, State.read(db));
    }

    /** Brings it up to what the transaction sees, and read just now. */
    public void follow(Connection db, State state) throws SQLException {
        if (state.claims() != claimsSeen) {
            if (!catchUp(db, state.claims())) {
                streams = null;
                forget();
            }
            claimsSeen = state.claims();
        }
        if (state.rulings() != rulingsSeen) {
            rulings = readRulings(db);
            rulingsSeen = state.rulings();
        }
        if (state.rules() != rulesSeen) {
            forget();
            RuleStore store = new RuleStore(db);
            rules = store.matchRules();
            survivorship = store.survivorship(model, vault);
            rulesSeen = state.rules();
        }
        if (!ids.isEmpty() && ids.getLast() != state.lastId()) {
            // Somebody else has named entities since: ids go by the order in which entities came to be.
            ids.clear();
        }
        corrections = state.corrections();
        writes = state.writes();
        if (state.erasures() != erasuresSeen) {
            tombstones = Tombstones.load(db);
            erasuresSeen = state.erasures();
        }
    }

    /** Notes what others spoke of, which is read again when it is needed; {@code false} where nobody knows. */
    private boolean catchUp(Connection db, long claims) throws SQLException {
        if (claimsSeen < 0) {
            return false;
        }
        Streams known = streams(db);
        Optional<List<RecordRef>> others = ClaimTurns.between(db, known, claimsSeen, claims);
        others.ifPresent(refs -> doubt(refs, graphs.keySet(), known));
        return others.isPresent();
    }

    private void doubt(List<RecordRef> refs, Set<String> types, Streams declared) {
        for (RecordRef ref : refs) {
            String type = declared.get(ref.stream()).type().name();
            if (types.contains(type)) {
                doubtful.computeIfAbsent(type, t -> new HashSet<>()).add(ref);
            }
        }
    }

    private void forget() {
        graphs.clear();
        doubtful.clear();
        readying.giveUp();
    }

    /** What the records in memory take there. */
    public HeldMemory heldMemory() {
        return graphs.values().stream().map(RecordGraph::heldMemory).reduce(HeldMemory.NONE, HeldMemory::and);
    }

    /** What will read all records beside the turns; who needs them meanwhile waits until it has, or is closed. */
    public Readying readying() {
        Set<String> wanted = new HashSet<>(rules.keySet());
        wanted.removeAll(graphs.keySet());
        readying.giveUp();
        readying = new Readying(wanted);
        return readying;
    }

    /** What is not to come back. */
    Tombstones tombstones() {
        return tombstones;
    }

    /** The transaction put or lifted tombstones. */
    void erased(Connection db) throws SQLException {
        execute(db, ERASED);
        erasuresSeen = -1;
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
        if (streamsChanged) {
            execute(db, CLAIMS_CHANGED);
        }
        if (rulingsChanged) {
            execute(db, RULINGS_CHANGED);
        }
    }

    /**
     * Ids for new entities. Some more than are needed are taken at a time and kept for the next transaction, if this one
     * commits: only then does the database itself remember for good that they were given out.
     */
    List<Long> nextIds(int count, Entities entities) throws SQLException {
        if (ids.size() < count) {
            ids.addAll(entities.nextIds(count - ids.size() + IDS));
        }
        List<Long> taken = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            taken.add(ids.remove());
        }
        return taken;
    }

    /** The transaction was committed. */
    public void committed() {
        claimsSeen += told + (streamsChanged ? 1 : 0);
        rulingsSeen += rulingsChanged ? 1 : 0;
        settle();
    }

    /** The transaction was rolled back, or nobody knows. */
    public void rolledBack() {
        ids.clear();
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
        told = 0;
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
        forget();
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
            graph = ready(type, tx).orElse(null);
            if (graph == null) {
                doubtful.remove(type.name());
                graph = Readying.graph(type, learned, tx, vault, PostgresPool.Progress.UNTOLD);
            }
            graphs.put(type.name(), graph);
        }
        Set<RecordRef> doubts = doubtful.get(type.name());
        if (doubts != null) {
            read(graph, doubts, tx);
            doubtful.remove(type.name());
        }
        return graph;
    }

    /** What was read beside the turns, with a doubt about all that was spoken of since. */
    private Optional<RecordGraph> ready(EntityType type, Transaction tx) throws SQLException {
        Readying.Ready ready = readying.take(type);
        if (ready == null || ready.rules() != rulesSeen) {
            return Optional.empty();
        }
        Optional<List<RecordRef>> since = ClaimTurns.between(tx.db(), tx.streams(), ready.claims(), claimsSeen + told);
        since.ifPresent(refs -> doubt(refs, Set.of(type.name()), tx.streams()));
        return since.map(refs -> ready.graph());
    }

    private static void read(RecordGraph graph, Set<RecordRef> doubts, Transaction tx) throws SQLException {
        List<RecordRef> refs = List.copyOf(doubts);
        for (int from = 0; from < refs.size(); from += READ) {
            List<RecordRef> some = refs.subList(from, Math.min(refs.size(), from + READ));
            Map<RecordRef, Claim> claims = new SourceRecords(tx).claims(some);
            for (RecordRef ref : some) {
                Claim claim = claims.get(ref);
                if (claim == null) {
                    graph.remove(ref);
                } else {
                    graph.put(claim);
                }
            }
        }
        graph.refresh();
    }

    /** The transaction puts or removes these records of a type with rules. */
    void touch(EntityType type, Collection<RecordRef> refs, Transaction tx) {
        touched.computeIfAbsent(type.name(), t -> new HashSet<>()).addAll(refs);
        ClaimTurns.tell(tx, claimsSeen + told, refs);
        told += refs.size();
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
