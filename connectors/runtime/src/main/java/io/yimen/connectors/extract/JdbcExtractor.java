package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.pool.PoolException;
import io.yimen.pool.run.Reread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code poll-jdbc} and {@code outbox-jdbc}: reads each table of a database whole once, page by page in the order of its
 * key, then what changes, and compares it as a whole from time to time, which finds what is gone.
 */
final class JdbcExtractor implements Extractor {
    private static final int SMALLEST_PAGE = 50;
    /** How long a comparison may take before changes are looked at again. */
    private static final int COMPARED_PAGES = 10;

    private static final Duration PAUSE_BRAKED = Duration.ofMinutes(5);

    private final Connector connector;
    private final Manifest.Jdbc settings;
    private final JdbcAddress address;
    private final String username;
    private final String password;
    private final Duration interval;
    private final Duration timeout;
    private final Duration lookBack;
    private final Map<String, Duration> whole = new HashMap<>();
    private final Map<String, JdbcComparison> comparisons = new HashMap<>();
    private final Map<String, Long> brakedUntil = new HashMap<>();
    private int pageSize;
    /** When a run that ends when it has caught up began, in epoch milliseconds; null where it goes on. */
    private @Nullable Long onceSince;

    JdbcExtractor(Connector connector, Manifest.Jdbc settings) {
        this.connector = connector;
        this.settings = settings;
        try {
            this.address = JdbcAddress.of(
                    connector.parameters().getFilled(settings.url()),
                    settings.driver() == null ? null : connector.parameters().getFilled(settings.driver()));
        } catch (IllegalArgumentException e) {
            throw connector.wrong(settings.url(), String.valueOf(e.getMessage()));
        }
        this.username = connector.parameters().getFilled(settings.username());
        this.password = connector.parameters().getFilled(settings.password());
        this.interval = connector.duration(settings.interval());
        this.timeout = connector.duration(settings.timeout());
        Manifest.Jdbc.Outbox outbox = settings.outbox();
        this.lookBack = outbox == null ? Duration.ZERO : connector.duration(outbox.lookBack());
        settings.tables().forEach((name, table) -> whole.put(name, connector.duration(table.whole())));
        this.pageSize = settings.pageSize();
    }

    @Override
    public void run(Session session) throws InterruptedException {
        onceSince = session.isOnce() ? session.clock().millis() : null;
        try (JdbcDatabase db = open(false)) {
            JdbcReader reader = new JdbcReader(session, db, settings);
            try (JdbcChanges changes = changes(reader, db, session)) {
                changes.begin();
                boolean again = takeWishes(reader, session);
                if (!readFirst(reader, changes, session) && !again) {
                    session.openRun(kindOfRun(), OptionalLong.empty());
                }
                follow(reader, changes, again, session);
            }
        } catch (RuntimeException e) {
            if (JdbcDatabase.isSlow(e)) {
                pageSize = Math.max(Math.min(SMALLEST_PAGE, settings.pageSize()), pageSize / 2);
            }
            throw e;
        }
    }

    private JdbcDatabase open(boolean writing) {
        return JdbcDatabase.open(address, username, password, timeout, writing);
    }

    private JdbcChanges changes(JdbcReader reader, JdbcDatabase db, Session session) {
        Manifest.Jdbc.Outbox outbox = settings.outbox();
        return outbox == null
                ? new WatermarkChanges(reader, db, ManifestTests.zoneOf(connector.manifest()))
                : new OutboxChanges(reader, db, settings, outbox, lookBack, () -> open(true), session);
    }

    private String kindOfRun() {
        return settings.outbox() == null ? "poll" : "outbox";
    }

    /**
     * What somebody wants to be read again is read page by page, beside the changes, and compared at its end; what an
     * attempt before this one has left of such a read, too.
     *
     * @return whether there is such a table: then a run is open
     */
    private boolean takeWishes(JdbcReader reader, Session session) {
        List<Reread> wishes = session.rereads();
        Set<String> streams = Reread.streamsOf(wishes);
        List<JdbcTable> again = new ArrayList<>();
        boolean left = false;
        for (JdbcTable table : reader.tables()) {
            JdbcOffset.Table state = reader.offset().table(table.name());
            boolean wanted = connector.manifest().streams().stream()
                    .anyMatch(s -> s.from().equals(table.name()) && streams.contains(s.id()));
            if (wanted) {
                reader.keep(reader.offset().with(table.name(), state.again(false, state.mark())));
                again.add(table);
            } else {
                left |= state.read() && state.after() != null;
            }
        }
        if (wishes.isEmpty() && !left) {
            return false;
        }
        session.openRun("reread", left ? OptionalLong.empty() : expected(again));
        session.take(wishes, reader.offset().text());
        return true;
    }

    /** Every table that has not been read whole yet, from where that stopped; false if there is none. */
    private boolean readFirst(JdbcReader reader, JdbcChanges changes, Session session) {
        List<JdbcTable> unread = reader.tables().stream()
                .filter(t -> !reader.offset().table(t.name()).read())
                .toList();
        if (unread.isEmpty()) {
            return false;
        }
        session.openRun("snapshot", expected(unread));
        for (JdbcTable table : unread) {
            JdbcOffset.Table state = reader.offset().table(table.name());
            if (state.after() == null || state.after().isEmpty()) {
                reader.keep(reader.offset().with(table.name(), changes.from(table, state)));
            }
            while (!reader.offset().table(table.name()).read()) {
                readPage(table, reader, changes);
            }
        }
        return true;
    }

    private OptionalLong expected(List<JdbcTable> unread) {
        long expected = 0;
        for (JdbcTable table : unread) {
            OptionalLong rows = table.count();
            if (rows.isEmpty()) {
                return rows;
            }
            expected += rows.getAsLong()
                    * connector.manifest().streams().stream()
                            .filter(s -> s.from().equals(table.name()))
                            .count();
        }
        return OptionalLong.of(expected);
    }

    /** The next page of a read of all rows. */
    private void readPage(JdbcTable table, JdbcReader reader, JdbcChanges changes) {
        reader.checkStop();
        JdbcOffset.Table state = reader.offset().table(table.name());
        List<String> after = state.after();
        JdbcTable.Page page = table.rows(after == null ? List.of() : after, pageSize);
        reader.begin();
        page.rows().forEach(row -> {
            reader.add(table, row, false);
            changes.handed(table, row);
        });
        JdbcOffset.Table next = page.more()
                ? state.after(table.keyOf(page.rows().get(page.rows().size() - 1)))
                : state.readWhole(reader.now().toEpochMilli());
        reader.apply(reader.offset().with(table.name(), next));
    }

    /** @param again whether the run is one that reads tables again; another follows it */
    private void follow(JdbcReader reader, JdbcChanges changes, boolean again, Session session)
            throws InterruptedException {
        boolean live = false;
        while (true) {
            reader.checkStop();
            changes.read(pageSize);
            boolean busy = false;
            for (JdbcTable table : reader.tables()) {
                busy |= readAgain(table, reader, changes);
                busy |= compare(table, reader, changes, session);
            }
            if (busy) {
                continue;
            }
            if (session.isOnce()) {
                session.complete(null);
                return;
            }
            if (!live) {
                if (again) {
                    session.openRun(kindOfRun(), OptionalLong.empty());
                }
                session.live();
                live = true;
            }
            if (session.stop().await(interval)) {
                return;
            }
        }
    }

    /** A page of a table whose rows are all read again, when it is time; true if there is more to do. */
    private boolean readAgain(JdbcTable table, JdbcReader reader, JdbcChanges changes) {
        JdbcOffset.Table state = reader.offset().table(table.name());
        if (state.after() == null) {
            boolean rows = table.settings().rows() || (settings.outbox() == null && table.watermark() == null);
            if (!rows || !isDue(table, state.readAt(), reader)) {
                return false;
            }
            reader.keep(reader.offset().with(table.name(), state.again(false, state.mark())));
        }
        readPage(table, reader, changes);
        return true;
    }

    /** Some pages of a comparison, when it is time; true if there is more to do. */
    private boolean compare(JdbcTable table, JdbcReader reader, JdbcChanges changes, Session session) {
        JdbcOffset.Table state = reader.offset().table(table.name());
        List<StreamMapping> streams = reader.comparable(table);
        JdbcComparison comparison = comparisons.get(table.name());
        if (comparison == null) {
            if (streams.isEmpty()
                    || state.after() != null
                    || (state.comparedAt() > 0 && !isDue(table, state.comparedAt(), reader))
                    || reader.now().toEpochMilli() < brakedUntil.getOrDefault(table.name(), 0L)) {
                return false;
            }
            comparison = new JdbcComparison(reader.reserve());
            comparisons.put(table.name(), comparison);
        }
        for (int i = 0; i < COMPARED_PAGES; i++) {
            reader.checkStop();
            if (!comparison.advance(table, streams, changes, pageSize)) {
                comparisons.remove(table.name());
                retire(table, comparison, streams, reader, changes, session);
                return false;
            }
        }
        return true;
    }

    private void retire(
            JdbcTable table,
            JdbcComparison comparison,
            List<StreamMapping> streams,
            JdbcReader reader,
            JdbcChanges changes,
            Session session) {
        long now = reader.now().toEpochMilli();
        JdbcOffset.Table state = reader.offset().table(table.name());
        if (!changes.retain(table, comparison.met())) {
            state = state.known(0);
        }
        try {
            reader.apply(reader.offset().with(table.name(), state.compared(now)), comparison.sets(streams, reader));
        } catch (PoolException e) {
            if (e.kind() != PoolException.Kind.BRAKE || session.isOnce()) {
                throw e;
            }
            // Changes go on; a person decides about what is missing.
            brakedUntil.put(table.name(), now + PAUSE_BRAKED.toMillis());
            session.ask(String.valueOf(e.getMessage()));
            session.openRun(kindOfRun(), OptionalLong.empty());
            session.live();
        }
    }

    /** Whether a table is to be looked at as a whole again; without a pause, once in a run that ends when caught up. */
    private boolean isDue(JdbcTable table, long last, JdbcReader reader) {
        Duration every = whole.getOrDefault(table.name(), Duration.ofDays(1));
        if (every.isZero() && onceSince != null) {
            return last < onceSince;
        }
        return reader.now().toEpochMilli() - last >= Math.max(1000, every.toMillis());
    }
}
