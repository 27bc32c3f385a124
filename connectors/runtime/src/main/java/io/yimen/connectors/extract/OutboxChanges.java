package io.yimen.connectors.extract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Rows whose keys triggers have written to an outbox. The outbox says which rows changed, and the tables are asked what
 * they say now: whatever order the outbox's rows come in, what is handed over is never older than what was before.
 *
 * <p>Where the outbox's rows are deleted once they are applied, none can be missed. Where their place is remembered,
 * PostgreSQL orders them by transaction and shows only those before all that are still open; in MariaDB a number that is
 * missing is asked for again until it is too old.
 */
final class OutboxChanges implements JdbcChanges {
    private static final TypeReference<List<String>> KEY = new TypeReference<>() {};
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int GAPS = 500;
    /** Numbers below the first that is there when the outbox is seen for the first time. */
    private static final long LATE = 1_000;

    private final JdbcReader reader;
    private final JdbcDatabase db;
    private final Manifest.Jdbc settings;
    private final Manifest.Jdbc.Outbox outbox;
    private final Duration lookBack;
    private final Supplier<JdbcDatabase> writing;
    private final Session session;
    private @Nullable JdbcDatabase acknowledging;

    /** A row of the outbox. */
    private record Entry(
            long id,
            long xid,
            String table,
            String op,
            @Nullable String key) {}

    /** @param writing opens a connection that may delete from the outbox */
    OutboxChanges(
            JdbcReader reader,
            JdbcDatabase db,
            Manifest.Jdbc settings,
            Manifest.Jdbc.Outbox outbox,
            Duration lookBack,
            Supplier<JdbcDatabase> writing,
            Session session) {
        this.reader = reader;
        this.db = db;
        this.settings = settings;
        this.outbox = outbox;
        this.lookBack = lookBack;
        this.writing = writing;
        this.session = session;
    }

    @Override
    public void begin() {
        if (db.dialect() == JdbcDialect.OTHER) {
            throw new ConnectorException(
                    ConnectorException.Kind.CONFIGURATION,
                    "outbox",
                    "an outbox is known of PostgreSQL and MariaDB only; read this database by poll-jdbc");
        }
        for (JdbcTable each : reader.tables()) {
            if (each.hasKeyOf(JdbcColumn.Type.INSTANT)) {
                throw new ConnectorException(
                        ConnectorException.Kind.UNEXPECTED,
                        "key-type",
                        "the key of " + each.name() + " is a time with a zone, which a trigger writes in a zone of its"
                                + " own; read this table by poll-jdbc");
            }
        }
        JdbcOffset.Place place = reader.offset().outbox();
        String column = isOrderedByTransaction() ? "xid" : "id";
        String highest =
                db.askOne("does not show its outbox " + outbox.table(), "select max(" + column + ") from " + table());
        if (place == null || outbox.delete()) {
            return;
        }
        long now = isOrderedByTransaction() ? horizon() : highest == null ? Long.MAX_VALUE : Long.parseLong(highest);
        if (now < (isOrderedByTransaction() ? place.xid() : place.id())) {
            session.notice("the outbox " + outbox.table() + " has begun anew: all tables are read again");
            JdbcOffset next = reader.offset().with((JdbcOffset.Place) null);
            for (JdbcTable each : reader.tables()) {
                next = next.with(each.name(), next.table(each.name()).again(true, null));
            }
            reader.keep(next);
        }
    }

    private long horizon() {
        String xid = db.askOne("does not tell its transactions", "select txid_snapshot_xmin(txid_current_snapshot())");
        return xid == null ? Long.MAX_VALUE : Long.parseLong(xid);
    }

    private boolean isOrderedByTransaction() {
        return db.dialect() == JdbcDialect.POSTGRESQL && !outbox.delete();
    }

    private String table() {
        return (settings.schema() == null ? "" : db.dialect().quoted(settings.schema()) + ".")
                + db.dialect().quoted(outbox.table());
    }

    @Override
    public JdbcOffset.Table from(JdbcTable table, JdbcOffset.Table state) {
        // The outbox holds everything that happens from now on.
        return state;
    }

    @Override
    public void read(int pageSize) {
        List<Entry> entries;
        do {
            reader.checkStop();
            JdbcOffset.Place place = place();
            entries = entries(place, pageSize);
            if (entries.isEmpty()) {
                return;
            }
            reader.begin();
            JdbcOffset next = take(entries);
            reader.apply(outbox.delete() ? next : next.with(placeAfter(place, entries)));
            if (outbox.delete()) {
                acknowledge(entries);
            }
        } while (entries.size() == pageSize);
    }

    @Override
    public void handed(JdbcTable table, @Nullable String[] row) {
        // Every row that the outbox names is handed over as it is.
    }

    @Override
    public boolean isPassedOver(JdbcTable table, List<String> key) {
        return false;
    }

    @Override
    public boolean retain(JdbcTable table, Set<List<String>> keys) {
        return true;
    }

    private JdbcOffset.Place place() {
        JdbcOffset.Place known = reader.offset().outbox();
        if (known != null || outbox.delete() || isOrderedByTransaction()) {
            return known == null ? new JdbcOffset.Place(0, 0, List.of()) : known;
        }
        String first = db.askOne("does not show its outbox " + outbox.table(), "select min(id) from " + table());
        long before = first == null ? 0 : Long.parseLong(first) - 1;
        return new JdbcOffset.Place(
                0,
                before,
                before == 0
                        ? List.of()
                        : List.of(new JdbcOffset.Gap(Math.max(1, before - LATE), before, now().toEpochMilli())));
    }

    private List<Entry> entries(JdbcOffset.Place place, int pageSize) {
        boolean byTransaction = isOrderedByTransaction();
        JdbcStatement select = new JdbcStatement(
                db.dialect(),
                "select id, " + (byTransaction ? "xid" : "0") + ", tab, op, k from " + table() + " where tab in (");
        String comma = "";
        for (JdbcTable each : reader.tables()) {
            select.text(comma).value(each.name());
            comma = ", ";
        }
        select.text(")");
        if (byTransaction) {
            select.text(" and xid < txid_snapshot_xmin(txid_current_snapshot()) and (xid, id) > (" + place.xid() + ", "
                    + place.id() + ") order by xid, id");
        } else {
            if (!outbox.delete()) {
                select.text(" and (id > " + place.id());
                gapsOf(place).forEach(gap -> select.text(" or id between " + gap.from() + " and " + gap.to()));
                select.text(")");
            }
            select.text(" order by id");
        }
        select.text(" limit " + pageSize);
        return db.ask(
                "does not show its outbox " + outbox.table(),
                select,
                r -> new Entry(r.getLong(1), r.getLong(2), r.getString(3), r.getString(4), r.getString(5)));
    }

    private JdbcOffset take(List<Entry> entries) {
        JdbcOffset next = reader.offset();
        Map<String, Set<List<String>>> keys = new LinkedHashMap<>();
        for (Entry entry : entries) {
            if (entry.key() == null) {
                // All its rows went at once.
                next = next.with(entry.table(), next.table(entry.table()).again(false, null));
            } else {
                keys.computeIfAbsent(entry.table(), t -> new LinkedHashSet<>()).add(keyOf(entry, entry.key()));
            }
        }
        keys.forEach((name, changed) -> {
            JdbcTable table = java.util.Objects.requireNonNull(reader.findTable(name));
            List<List<String>> asked = List.copyOf(changed);
            Set<List<String>> there = new LinkedHashSet<>();
            for (@Nullable String[] row : table.rowsOf(asked)) {
                there.add(unpadded(table.keyOf(row)));
                reader.add(table, row, true);
            }
            asked.stream().filter(key -> !there.contains(unpadded(key))).forEach(key -> reader.gone(table, key));
        });
        return next;
    }

    /** A column of fixed length is read with blanks that a trigger does not write. */
    private static List<String> unpadded(List<String> key) {
        return key.stream().map(String::stripTrailing).toList();
    }

    private List<String> keyOf(Entry entry, String text) {
        JdbcTable table = java.util.Objects.requireNonNull(reader.findTable(entry.table()));
        try {
            List<String> key = JSON.readValue(text, KEY);
            if (key.size() == table.settings().key().size()) {
                return db.dialect() == JdbcDialect.MARIADB ? table.keyOfDigits(key) : key;
            }
        } catch (JsonProcessingException | IllegalArgumentException e) {
            // said below: the text may be somebody's number
        }
        throw new ConnectorException(
                ConnectorException.Kind.UNEXPECTED,
                "outbox-key",
                "row " + entry.id() + " of " + outbox.table() + " is not of the form of this manifest; run the script"
                        + " of ./yimen connector script again");
    }

    /** Where to go on: behind the last, with the numbers that were missed on the way and are not too old. */
    private JdbcOffset.Place placeAfter(JdbcOffset.Place place, List<Entry> entries) {
        Entry last = entries.get(entries.size() - 1);
        if (isOrderedByTransaction()) {
            return new JdbcOffset.Place(last.xid(), last.id(), List.of());
        }
        long now = now().toEpochMilli();
        List<JdbcOffset.Gap> gaps = new ArrayList<>(gapsOf(place));
        long highest = place.id();
        for (Entry entry : entries) {
            long id = entry.id();
            if (id > highest) {
                if (id > highest + 1) {
                    gaps.add(new JdbcOffset.Gap(highest + 1, id - 1, now));
                }
                highest = id;
                continue;
            }
            for (int i = 0; i < gaps.size(); i++) {
                JdbcOffset.Gap gap = gaps.get(i);
                if (id >= gap.from() && id <= gap.to()) {
                    gaps.remove(i);
                    if (id < gap.to()) {
                        gaps.add(i, new JdbcOffset.Gap(id + 1, gap.to(), gap.since()));
                    }
                    if (id > gap.from()) {
                        gaps.add(i, new JdbcOffset.Gap(gap.from(), id - 1, gap.since()));
                    }
                    break;
                }
            }
        }
        long oldest = now - lookBack.toMillis();
        gaps.removeIf(gap -> gap.since() < oldest);
        if (gaps.size() > GAPS) {
            session.notice("more than " + GAPS + " numbers of " + outbox.table()
                    + " are missing: the oldest are not waited for; the next comparison finds what they said");
            gaps.subList(0, gaps.size() - GAPS).clear();
        }
        return new JdbcOffset.Place(0, highest, gaps);
    }

    private static List<JdbcOffset.Gap> gapsOf(JdbcOffset.Place place) {
        List<JdbcOffset.Gap> gaps = place.gaps();
        return gaps == null ? List.of() : gaps;
    }

    private Instant now() {
        return reader.now();
    }

    /** They are applied; what is not deleted for a fault comes again and changes nothing. */
    private void acknowledge(List<Entry> entries) {
        if (acknowledging == null) {
            acknowledging = writing.get();
        }
        StringBuilder ids = new StringBuilder();
        entries.forEach(e -> ids.append(ids.isEmpty() ? "" : ", ").append(e.id()));
        acknowledging.change(
                "does not let rows be deleted from " + outbox.table(),
                new JdbcStatement(db.dialect(), "delete from " + table() + " where id in (" + ids + ")"));
    }

    @Override
    public void close() {
        if (acknowledging != null) {
            acknowledging.close();
        }
    }
}
