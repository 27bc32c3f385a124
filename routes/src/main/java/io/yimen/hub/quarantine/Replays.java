package io.yimen.hub.quarantine;

import io.yimen.connectors.manifest.ManifestError;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.replay.ReplayRun;
import io.yimen.hub.config.HubConfig;
import io.yimen.hub.http.ProblemCode;
import io.yimen.hub.http.ProblemException;
import io.yimen.hub.ingest.Apply;
import io.yimen.hub.ingest.ConnectorFiles;
import io.yimen.pool.Pool;
import io.yimen.pool.PoolException;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.quarantine.Decision;
import io.yimen.pool.quarantine.Replay;
import io.yimen.pool.quarantine.ReplayStep;
import io.yimen.pool.quarantine.Selection;
import io.yimen.pool.run.RunStatus;
import io.yimen.pool.seal.Vault;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The replays of this hub. Each runs in a thread of its own until it is through, stopped, or the hub ends; what it has
 * not taken by then goes on waiting.
 */
@Singleton
public class Replays {
    private static final Logger LOG = Logger.getLogger(Replays.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Pool pool;
    private final ConnectorFiles files;
    private final Vault vault;
    private final Audit audit;
    private final Apply apply;
    private final Map<Long, Running> running = new ConcurrentHashMap<>();

    private record Running(ReplayRun run, Thread thread) {}

    /**
     * A dry run, and what admits the replay of the same.
     *
     * @param token holds for this account, selection, edits and manifest
     */
    record Tried(ReplayStep step, String token) {}

    Replays(Pool pool, HubConfig config, PoolModel model, Vault vault, Audit audit, Apply apply) {
        this.pool = pool;
        this.files = ConnectorFiles.of(config.connectors(), model);
        this.vault = vault;
        this.audit = audit;
        this.apply = apply;
    }

    Tried dryRun(String login, Selection selection, Map<Long, byte[]> edits, int limit) {
        TodaysRemapping mapping = mapping(selection);
        Decision asked = new Decision(login, "dry run");
        ReplayStep step = pool.dryRun(new Replay(0, selection, asked, edits, null, limit), mapping.remapping());
        return new Tried(step, token(login, selection, edits, mapping));
    }

    /**
     * Starts what was tried before; its run.
     *
     * @throws ProblemException {@code CONFLICT} if it is not what was tried
     */
    long start(Decision decision, Selection selection, Map<Long, byte[]> edits, int rate, String token) {
        TodaysRemapping mapping = mapping(selection);
        byte[] right = token(decision.actor(), selection, edits, mapping).getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(right, token.getBytes(StandardCharsets.UTF_8))) {
            throw new ProblemException(
                    ProblemCode.CONFLICT,
                    "Selection, edits or manifest are not those of the dry run",
                    "Run it dry again, look at what it shows, and send its token");
        }
        ReplayRun run = ReplayRun.open(pool, mapping.remapping(), selection, decision, edits, rate);
        Thread thread = new Thread(() -> complete(run), "replay-" + selection.source());
        running.put(run.id(), new Running(run, thread));
        thread.start();
        return run.id();
    }

    private void complete(ReplayRun run) {
        try {
            run.complete(step -> apply.applied(step.counts(), step.changes(), step.lastChange()));
        } catch (PoolException e) {
            LOG.warnf("Replay of %s, run %d: %s", run.selection().source(), run.id(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            running.remove(run.id());
        }
    }

    /**
     * Ends a replay, wherever it runs: one of another process finds its run closed at its next step.
     *
     * @throws PoolException {@code INVALID} if it has ended
     */
    void stop(String login, long run) {
        Running mine = running.get(run);
        if (mine == null) {
            pool.closeRun(run, RunStatus.COMPLETED, "stopped; what was not taken goes on waiting");
        } else {
            mine.run().stop();
        }
        audit.append(login, "STOP", "run/" + run, Map.of());
    }

    /** Stops all that run here; the steps at hand are finished first. */
    public void stop() throws InterruptedException {
        running.values().forEach(one -> one.run().stop());
        for (Running one : running.values()) {
            one.thread().join(PATIENCE.toMillis());
        }
    }

    private TodaysRemapping mapping(Selection selection) {
        try {
            return TodaysRemapping.of(files, selection.source());
        } catch (ManifestException e) {
            throw new ProblemException(
                    ProblemCode.INVALID_MANIFEST,
                    e.errors().stream().map(ManifestError::toString).collect(Collectors.joining("; ")),
                    "Correct the manifest");
        }
    }

    private String token(String login, Selection selection, Map<Long, byte[]> edits, TodaysRemapping mapping) {
        StringBuilder text = new StringBuilder();
        for (Object part : new Object[] {
            login,
            selection.source(),
            String.valueOf(selection.stream()),
            String.valueOf(selection.reason()),
            String.valueOf(selection.key()),
            String.valueOf(selection.since()),
            String.valueOf(selection.until()),
            selection.ids(),
            mapping.state()
        }) {
            add(text, part.toString());
        }
        new TreeMap<>(edits).forEach((id, edit) -> {
            add(text, id.toString());
            add(text, new String(edit, StandardCharsets.UTF_8));
        });
        return vault.digest("dry-run", text.toString());
    }

    private static void add(StringBuilder text, String part) {
        text.append(part.length()).append(':').append(part);
    }
}
