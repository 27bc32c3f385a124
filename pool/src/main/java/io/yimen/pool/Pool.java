package io.yimen.pool;

import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.quarantine.Decision;
import io.yimen.pool.quarantine.Remapping;
import io.yimen.pool.quarantine.Replay;
import io.yimen.pool.quarantine.ReplayStep;
import io.yimen.pool.quarantine.Selection;
import io.yimen.pool.run.ApplyResult;
import io.yimen.pool.run.Reread;
import io.yimen.pool.run.RunStatus;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The writing side of the pool. Two implementations pass the same contract suite: {@code PostgresPool} and the
 * in-memory twin {@code InMemoryPool}, which recomputes everything from the latest claims and serves as reference.
 *
 * <p>Thread-safe; concurrent {@link #apply} calls are serialised by the pool.
 */
public interface Pool extends AutoCloseable {
    /**
     * Declares a source and its streams; idempotent. A stream that is already known may gain fields and change trust,
     * but not its entity type.
     *
     * @param source id, title and owner as the manifest gives them
     * @throws PoolException {@code CONFIGURATION} if an entity type or field is not in the model, or a type changes
     */
    void declare(SourceInfo source, List<StreamShape> streams);

    /** The offset stored with the last applied batch of {@code feed}. */
    Optional<String> findOffset(String feed);

    /**
     * Opens a run of {@code feed}; a run of the same feed that was left open (a crash) is closed as {@code FAILED}.
     *
     * @param kind {@code snapshot}, {@code stream}, {@code pull}, {@code reread} …
     * @param expected records expected, where the source can tell: for progress only
     * @return the run's id
     */
    long openRun(String source, String feed, String kind, OptionalLong expected);

    /** Tells more about an open run: its state, or the number of records to expect. */
    void updateRun(long run, RunStatus status, OptionalLong expected);

    /** Ends a run. A run whose counts do not balance is stored as {@code RED} whatever is asked. */
    void closeRun(long run, RunStatus status, @Nullable String message);

    /**
     * Applies a batch in one transaction: claims, links, golden records, changes, quarantine, counts and the offset.
     * After it returns, all is durable; if it throws, nothing of it is.
     *
     * <p>Idempotent by (stream, key, position): what is already known is counted as stale and changes nothing.
     *
     * @throws PoolException {@code RETRY} when the same batch may be tried again; {@code INVALID} when the batch
     *     itself is wrong (undeclared stream); {@code BRAKE} see {@link io.yimen.pool.claim.CompleteSet}
     */
    ApplyResult apply(Batch batch);

    /**
     * Notes the wish that streams of a source be read again from their beginning, with its line in the audit. Whoever
     * reads the source takes it, by a batch that holds its number.
     *
     * @param actor login, or who called the command
     * @return its number
     */
    long askReread(String source, Set<String> streams, String actor);

    /** The wishes of all sources that no batch has taken yet, oldest first. */
    List<Reread> listRereads();

    /**
     * Opens the run of a replay; closed as any other. It expects what the selection holds now.
     *
     * @return the run's id
     * @throws PoolException {@code CONFLICT} while another replay of the source goes on; one whose process has ended is
     *     closed as {@code FAILED} once it has not moved for half a minute
     */
    long openReplay(Selection selection, Decision decision);

    /**
     * Takes the next records that wait once more, each through {@link #apply}, at its own position: what is older than
     * current is stale. In one transaction with what it produces each becomes {@code REPLAYED}, or {@code SUPERSEDED}
     * where it is stale; what cannot be normalised yet goes on waiting, with its reason of today.
     *
     * @throws PoolException {@code INVALID} if the run is not open: it was ended from elsewhere
     */
    ReplayStep replay(Replay replay, Remapping remapping);

    /** What {@link #replay} would do, computed by doing it and taking it back. Only the audit keeps a trace. */
    ReplayStep dryRun(Replay replay, Remapping remapping);

    /**
     * Lets the records wait no longer. The same record with the same fault and content does not come back, however often
     * its source repeats it.
     *
     * @return how many there were
     */
    int discard(Selection selection, Decision decision);

    /** Digest over all live entities, independent of ids, of arrival order and of the number of batches; hex. */
    String contentHash();

    @Override
    void close();
}
