package io.yimen.pool;

import io.yimen.pool.audit.Audit;
import io.yimen.pool.change.Compaction;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.Uploads;
import io.yimen.pool.correction.WriteBacks;
import io.yimen.pool.erasure.ErasurePolicy;
import io.yimen.pool.erasure.Erasures;
import io.yimen.pool.internal.BatchApplication;
import io.yimen.pool.internal.CorrectionApplication;
import io.yimen.pool.internal.CorrectionDesk;
import io.yimen.pool.internal.DecisionApplication;
import io.yimen.pool.internal.DeclaredStream;
import io.yimen.pool.internal.ErasureApplication;
import io.yimen.pool.internal.ErasureDesk;
import io.yimen.pool.internal.Failures;
import io.yimen.pool.internal.Readying;
import io.yimen.pool.internal.Recognition;
import io.yimen.pool.internal.ReplayApplication;
import io.yimen.pool.internal.Rereads;
import io.yimen.pool.internal.RuleApplication;
import io.yimen.pool.internal.RuleDesk;
import io.yimen.pool.internal.RuleStore;
import io.yimen.pool.internal.Runs;
import io.yimen.pool.internal.Schema;
import io.yimen.pool.internal.StewardDesk;
import io.yimen.pool.internal.StoredHash;
import io.yimen.pool.internal.Streams;
import io.yimen.pool.internal.UploadApplication;
import io.yimen.pool.internal.UploadDesk;
import io.yimen.pool.internal.UploadTable;
import io.yimen.pool.internal.WaitingRecords;
import io.yimen.pool.ledger.FrozenLedgers;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.quarantine.Decision;
import io.yimen.pool.quarantine.Remapping;
import io.yimen.pool.quarantine.Replay;
import io.yimen.pool.quarantine.ReplayStep;
import io.yimen.pool.quarantine.Selection;
import io.yimen.pool.run.ApplyResult;
import io.yimen.pool.run.Reread;
import io.yimen.pool.run.RunStatus;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.steward.RuleBook;
import io.yimen.pool.steward.Stewardship;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The pool in PostgreSQL: incremental, set-based, one transaction a batch.
 *
 * <p>Writers of one database take turns through an advisory lock, so that the order of the change log is the order of
 * commits. The connecting user owns the tables; readers see them through row-level security.
 */
public final class PostgresPool implements Pool {
    // Every statement looks up a batch's keys through an index. The planner, which knows neither the length of the
    // arrays
    // nor how the tables grow while they are filled, would rather read whole tables as long as they are small, and plan
    // each time anew.
    private static final String SETTINGS = """
            select set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true),
                   set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
                   set_config('enable_seqscan', 'off', true)
            """;
    // "yimen" and a 1, as a number: nobody else's lock. A statement of its own: the next one sees what the last holder
    // committed.
    private static final String LOCK = "select pg_advisory_xact_lock(7955925985073)";

    private static final String ENTER = String.join(";", SETTINGS, LOCK, Recognition.SELECT_STATE);

    // Whoever reads the log for long is not waited for, lest everybody wait behind: the months are made ahead.
    private static final String MONTHS = """
            select set_config('lock_timeout', '5s', true), pool.change_months(?, ?)
            """;

    private static final int MONTHS_AHEAD = 2;

    private static final String SNAPSHOT = "set transaction isolation level repeatable read, read only";

    private final DataSource dataSource;
    private final PoolModel model;
    private final Vault vault;
    private final Recognition recognition;
    private final Clock clock;
    private final ReentrantLock turn = new ReentrantLock(true);

    /**
     * Opens the pool; creates or upgrades its schema {@code pool}.
     *
     * @throws PoolException {@code CONFIGURATION} if the pool was filled under another vault key, {@code RETRY} if the
     *     database cannot be reached
     */
    public PostgresPool(DataSource dataSource, PoolModel model, Vault vault, Clock clock) {
        this.dataSource = dataSource;
        this.model = model;
        this.vault = vault;
        this.recognition = new Recognition(model, vault);
        this.clock = clock;
        Schema.migrate(dataSource, vault);
        makeMonths();
        inTurn("put the rules in force that come with the pool", this::bundle);
    }

    /** Is told how far the reading of records has come; by the thread that reads. */
    public interface Progress {
        /** Tells nobody. */
        Progress UNTOLD = (entityType, records, ready) -> {};

        /**
         * @param records of the type that were read so far
         * @param ready whether these are all, and compared
         */
        void read(String entityType, long records, boolean ready);
    }

    /**
     * Has the records that recognition keeps in memory read before they are needed, and beside whatever is applied
     * meanwhile; a batch that needs those of a type waits for them. Without this, or where it fails, the first batch
     * reads them.
     *
     * @param executor runs what reads, once; what it runs throws where the records cannot be read
     */
    public void ready(Executor executor, Progress progress) {
        Readying readying;
        turn.lock();
        try {
            readying = recognition.readying();
        } finally {
            turn.unlock();
        }
        try {
            executor.execute(() -> {
                try (readying) {
                    transact("read the records", db -> {
                        execute(db, SNAPSHOT);
                        readying.read(db, model, vault, progress);
                        return 0;
                    });
                }
            });
        } catch (RejectedExecutionException e) {
            readying.close();
            throw e;
        }
    }

    /** What the records that it has read for recognition take in memory. */
    public HeldMemory heldMemory() {
        turn.lock();
        try {
            return recognition.heldMemory();
        } finally {
            turn.unlock();
        }
    }

    /**
     * Makes the months of the change log that are needed next, as far as they are missing. What comes in a month that
     * was not made in time is not lost; it costs a move later.
     */
    public void makeMonths() {
        OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC);
        inTurn("make months of the change log", db -> {
            try (PreparedStatement make = db.prepareStatement(MONTHS)) {
                make.setObject(1, now);
                make.setObject(2, now.plusMonths(MONTHS_AHEAD));
                return make.execute();
            }
        });
    }

    /** Lets go of history that may no longer be kept. */
    public Compaction compaction() {
        ScopedReads reads = new ScopedReads(dataSource, model, vault, audit());
        return new Compaction(dataSource, model, clock, new FrozenLedgers(reads, clock)::keep);
    }

    /** Work inside one transaction. */
    private interface Work<T> {
        T in(Connection db) throws SQLException;
    }

    @Override
    public void declare(SourceInfo source, List<StreamShape> shapes) {
        inTurn("declare " + source.id(), db -> {
            Streams streams = Streams.load(db, model);
            boolean isNew = shapes.stream().anyMatch(s -> !streams.all().containsKey(s.id()));
            List<StreamId> changed = streams.declare(db, source, shapes);
            if (isNew || !changed.isEmpty()) {
                recognition.streamsChanged();
            }
            if (!changed.isEmpty()) {
                new BatchApplication(db, Streams.load(db, model), model, vault, recognition, 0, clock.instant())
                        .rederive(changed);
            }
            return changed.size();
        });
    }

    /** A type without rules in force gets those that come with the pool; what it holds already is derived by them. */
    private int bundle(Connection db) throws SQLException {
        List<EntityType> types = new RuleApplication(db, model, clock.instant()).bundle();
        if (!types.isEmpty()) {
            recognition.rulesChanged(db);
            rederive(db, Streams.load(db, model), types);
        }
        return types.size();
    }

    @Override
    public Optional<String> findOffset(String feed) {
        return transact("read the offset of " + feed, db -> runs(db).findOffset(feed));
    }

    @Override
    public long openRun(String source, String feed, String kind, OptionalLong expected) {
        return transact("open a run of " + feed, db -> runs(db).open(source, feed, kind, expected));
    }

    @Override
    public void updateRun(long run, RunStatus status, OptionalLong expected) {
        transact("update run " + run, db -> {
            runs(db).update(run, status, expected);
            return run;
        });
    }

    @Override
    public void closeRun(long run, RunStatus status, @Nullable String message) {
        transact("close run " + run, db -> {
            runs(db).close(run, status, message);
            return run;
        });
    }

    @Override
    public ApplyResult apply(Batch batch) {
        return inTurn("apply a " + batch, db -> apply(db, recognition.streams(db), batch));
    }

    private ApplyResult apply(Connection db, Streams streams, Batch batch) throws SQLException {
        return new BatchApplication(db, streams, model, vault, recognition, batch.run(), clock.instant()).apply(batch);
    }

    @Override
    public long askReread(String source, Set<String> streams, String actor) {
        return transact("ask for a read of " + source, db -> {
            long wish = new Rereads(db).ask(source, streams, actor, runs(db).now());
            audit().append(db, actor, "REREAD", source, Map.of("wish", wish, "streams", streams));
            return wish;
        });
    }

    @Override
    public List<Reread> listRereads() {
        return transact("look for what is to be read again", db -> new Rereads(db).waiting());
    }

    @Override
    public long openReplay(Selection selection, Decision decision) {
        return inTurn("open a replay of " + selection.source(), db -> {
            long expected = waiting(db).count(selection);
            long run = runs(db).openReplay(selection.source(), expected);
            Map<String, Object> detail =
                    Map.of("source", selection.source(), "expected", expected, "why", decision.why());
            audit().append(db, decision.actor(), "REPLAY", "run/" + run, detail);
            return run;
        });
    }

    @Override
    public ReplayStep replay(Replay replay, Remapping remapping) {
        return inTurn("go on with a " + replay, db -> step(db, replay, remapping));
    }

    @Override
    public ReplayStep dryRun(Replay replay, Remapping remapping) {
        ReplayStep step = takeBack("try a " + replay, db -> tryStep(db, replay, remapping));
        Map<String, Object> detail = Map.of(
                "source", replay.selection().source(),
                "records", step.records().stream().map(r -> r.id()).toList(),
                "edited", List.copyOf(replay.edits().keySet()));
        audit().append(replay.decision().actor(), "DRY_RUN", "quarantine", detail);
        return step;
    }

    /** Works and takes it back as a failure would: nothing of it stays, neither in the database nor beside it. */
    private <T> T takeBack(String what, Work<T> work) {
        Object[] done = new Object[1];
        try {
            return inTurn(what, db -> {
                done[0] = work.in(db);
                throw new TakenBack();
            });
        } catch (TakenBack e) {
            @SuppressWarnings("unchecked")
            T result = (T) done[0];
            return result;
        }
    }

    /** Ends a transaction that was only a try. */
    private static final class TakenBack extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TakenBack() {
            super("taken back", null, false, false);
        }
    }

    private ReplayStep tryStep(Connection db, Replay replay, Remapping remapping) throws SQLException {
        String source = replay.selection().source();
        long selected = waiting(db).count(replay.selection());
        long run = runs(db).open(source, source + "/dry-run", "replay", OptionalLong.of(selected));
        return step(db, replay.in(run), remapping).of(selected);
    }

    private ReplayStep step(Connection db, Replay replay, Remapping remapping) throws SQLException {
        Streams streams = Streams.load(db, model);
        return new ReplayApplication(db, streams, model, vault, audit(), runs(db), batch -> apply(db, streams, batch))
                .step(replay, remapping);
    }

    @Override
    public int discard(Selection selection, Decision decision) {
        return inTurn("discard records of " + selection.source(), db -> {
            List<Long> ids = waiting(db).discard(selection, decision);
            for (long id : ids) {
                audit().append(db, decision.actor(), "DISCARD", "quarantine/" + id, Map.of("why", decision.why()));
            }
            return ids.size();
        });
    }

    private WaitingRecords waiting(Connection db) throws SQLException {
        return new WaitingRecords(db, Streams.load(db, model), vault, runs(db).now());
    }

    private Audit audit() {
        return new Audit(dataSource, clock);
    }

    /** Where stewards look and decide. */
    public Stewardship stewardship(ScopedReads reads) {
        return new StewardDesk(reads, new StewardDesk.Turn() {
            @Override
            public Stewardship.Decided decide(String what, Work work) {
                return inTurn(what, db -> work.with(decisions(db)));
            }

            @Override
            public Stewardship.Decided tried(Scope scope, String what, Work work) {
                Stewardship.Decided tried = takeBack("try a " + what, db -> work.with(decisions(db)));
                audit().append(scope.actor(), "PREVIEW", "decision", Map.of("what", what));
                return tried;
            }
        });
    }

    private DecisionApplication decisions(Connection db) throws SQLException {
        return new DecisionApplication(
                db, Streams.load(db, model), model, vault, recognition, audit(), clock.instant());
    }

    /** Where people put values right. */
    public Corrections corrections(ScopedReads reads, Policy policy) {
        return desk(reads, policy);
    }

    /** What is to be put right in systems that take it. */
    public WriteBacks writeBacks(ScopedReads reads, Policy policy) {
        return desk(reads, policy);
    }

    private CorrectionDesk desk(ScopedReads reads, Policy policy) {
        return new CorrectionDesk(reads, new CorrectionDesk.Turn() {
            @Override
            public <T> T act(String what, Work<T> work) {
                return inTurn(what, db -> work.with(corrections(db, policy)));
            }

            @Override
            public <T> T aside(String what, Work<T> work) {
                return transact(what, db -> work.with(corrections(db, policy)));
            }
        });
    }

    private CorrectionApplication corrections(Connection db, Policy policy) throws SQLException {
        return new CorrectionApplication(
                db, Streams.load(db, model), model, vault, recognition, audit(), policy, clock.instant());
    }

    /** Where people put many values right at once. */
    public Uploads uploads(ScopedReads reads, Policy policy) {
        return new UploadDesk(reads, audit(), clock, new UploadDesk.Turn() {
            @Override
            public <T> T keep(String what, Keeping<T> work) {
                return transact(what, db -> work.with(uploads(db)));
            }

            @Override
            public <T> T apply(String what, Applying<T> work) {
                return inTurn(what, db -> work.with(new UploadApplication(uploads(db), corrections(db, policy))));
            }
        });
    }

    /** Where officers have people erased. */
    public Erasures erasures(ScopedReads reads, ErasurePolicy policy) {
        return new ErasureDesk(reads, policy.rules(), new ErasureDesk.Turn() {
            @Override
            public <T> T act(String what, Work<T> work) {
                return inTurn(what, db -> work.with(application(db)));
            }

            @Override
            public <T> T tried(Scope by, String what, Work<T> work) {
                T tried = takeBack("try " + what, db -> work.with(application(db)));
                audit().append(by.actor(), "PREVIEW", what, Map.of());
                return tried;
            }

            private ErasureApplication application(Connection db) throws SQLException {
                return new ErasureApplication(
                        db, Streams.load(db, model), model, vault, recognition, audit(), policy, clock.instant());
            }
        });
    }

    private UploadTable uploads(Connection db) {
        return new UploadTable(db, model, vault, clock.instant());
    }

    /** The rules in force, those before, and how they are changed. */
    public RuleBook ruleBook() {
        return new RuleBook() {
            @Override
            public List<Version> versions() {
                return transact("read the rules", db -> new RuleStore(db).versions());
            }

            @Override
            public Preview preview(Change change) {
                return transact("preview rules", db -> {
                    execute(db, SNAPSHOT);
                    return new RuleDesk(db, Streams.load(db, model), model, vault, clock.instant()).preview(change);
                });
            }

            @Override
            public Version apply(Change change, String actor, String note) {
                return inTurn("apply rules", db -> {
                    Streams streams = Streams.load(db, model);
                    Version version =
                            new RuleDesk(db, streams, model, vault, clock.instant()).apply(change, actor, note);
                    recognition.rulesChanged(db);
                    rederive(db, streams, Set.of(model.getType(change.entityType())));
                    audit().append(
                                    db,
                                    actor,
                                    "APPLY_RULES",
                                    change.kind() + "/" + change.entityType(),
                                    Map.of("version", version.version()));
                    return version;
                });
            }
        };
    }

    private void rederive(Connection db, Streams streams, Collection<EntityType> types) throws SQLException {
        List<StreamId> concerned = streams.all().values().stream()
                .filter(s -> types.contains(s.type()))
                .map(DeclaredStream::id)
                .toList();
        new BatchApplication(db, streams, model, vault, recognition, 0, clock.instant()).rederive(concerned);
    }

    @Override
    public String contentHash() {
        return transact("digest the pool", StoredHash::of);
    }

    @Override
    public void close() {
        // The data source belongs to whoever gave it.
    }

    private Runs runs(Connection db) {
        return new Runs(db, OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC));
    }

    private <T> T inTurn(String what, Work<T> work) {
        turn.lock();
        boolean done = false;
        try {
            T result = transact(what, db -> {
                recognition.follow(db, enter(db));
                T worked = work.in(db);
                recognition.publish(db);
                return worked;
            });
            recognition.committed();
            done = true;
            return result;
        } finally {
            if (!done) {
                recognition.rolledBack();
            }
            turn.unlock();
        }
    }

    /** Waits for the turn; in one go with what has to be known first, which sees what the last holder committed. */
    private static Recognition.State enter(Connection db) throws SQLException {
        try (PreparedStatement statement = db.prepareStatement(ENTER)) {
            statement.execute();
            statement.getMoreResults();
            statement.getMoreResults();
            try (ResultSet state = statement.getResultSet()) {
                return Recognition.State.of(state);
            }
        }
    }

    private static void execute(Connection db, String sql) throws SQLException {
        try (PreparedStatement statement = db.prepareStatement(sql)) {
            statement.execute();
        }
    }

    private <T> T transact(String what, Work<T> work) {
        try (Connection db = dataSource.getConnection()) {
            db.setAutoCommit(false);
            try {
                T result = work.in(db);
                db.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                rollBack(db, e);
                throw e;
            } finally {
                restore(db);
            }
        } catch (SQLException e) {
            throw Failures.of("Could not " + what, e);
        }
    }

    private static void rollBack(Connection db, Exception because) {
        try {
            db.rollback();
        } catch (SQLException e) {
            because.addSuppressed(e);
        }
    }

    private static void restore(Connection db) throws SQLException {
        if (!db.isClosed()) {
            db.setAutoCommit(true);
        }
    }
}
