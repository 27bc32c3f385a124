package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rows whose watermark is not further behind the highest than the overlap: what a transaction wrote that began before
 * the last look and ended after it is among them. A row that was handed over by an earlier look and says the same is
 * passed over.
 */
final class WatermarkChanges implements JdbcChanges {
    /** Beyond so many rows within the overlap they are handed over again. */
    private static final int REMEMBERED = 200_000;

    private final JdbcReader reader;
    private final JdbcDatabase db;
    private final ZoneId zone;
    private final Map<String, Map<List<String>, Long>> seen = new HashMap<>();

    /** @param zone zone of times without one */
    WatermarkChanges(JdbcReader reader, JdbcDatabase db, ZoneId zone) {
        this.reader = reader;
        this.db = db;
        this.zone = zone;
    }

    @Override
    public void begin() {
        for (JdbcTable table : reader.tables()) {
            JdbcOffset.Table state = reader.offset().table(table.name());
            String mark = state.mark();
            if (table.watermark() == null || mark == null || !state.read()) {
                continue;
            }
            String highest = capped(table, table.highest());
            if (highest == null || compare(table, highest, minus(table, mark)) < 0) {
                // A restored backup: rows may say again what they said before.
                reader.notice("the watermark of " + table.name() + " has fallen back: it is read whole again");
                reader.keep(reader.offset().with(table.name(), state.again(true, highest)));
            }
        }
    }

    @Override
    public JdbcOffset.Table from(JdbcTable table, JdbcOffset.Table state) {
        return table.watermark() == null ? state : state.marked(capped(table, table.highest()));
    }

    @Override
    public void read(int pageSize) {
        for (JdbcTable table : reader.tables()) {
            if (table.watermark() != null && reader.offset().table(table.name()).read()) {
                read(table, pageSize);
            }
        }
    }

    private void read(JdbcTable table, int pageSize) {
        JdbcOffset.Table began = reader.offset().table(table.name());
        String from = began.mark() == null ? null : minus(table, began.mark());
        Map<List<String>, Long> before = seen.get(table.name());
        if (before == null) {
            before = knownSince(from, table, began.window(), pageSize);
        }
        Map<List<String>, Long> now = new HashMap<>();
        @Nullable String[] last = null;
        JdbcTable.Page page;
        do {
            reader.checkStop();
            page = table.since(from, last, pageSize);
            reader.begin();
            for (@Nullable String[] row : page.rows()) {
                Long known = before.get(note(now, table, row));
                if (known == null || known != contentOf(row)) {
                    reader.add(table, row, true);
                }
                last = row;
            }
            JdbcOffset.Table state = reader.offset().table(table.name());
            String mark =
                    last == null ? state.mark() : later(table, state.mark(), capped(table, table.watermarkOf(last)));
            if (!reader.isEmpty() || (mark != null && !mark.equals(state.mark()))) {
                reader.apply(reader.offset().with(table.name(), state.marked(mark)));
            }
        } while (page.more());
        seen.put(table.name(), now);
        JdbcOffset.Table ended = reader.offset().table(table.name());
        long window = digestOf(now);
        if (java.util.Objects.equals(began.mark(), ended.mark()) && window != ended.window()) {
            // What the next start will find if nothing changes until then.
            reader.apply(reader.offset().with(table.name(), ended.known(window)));
        }
    }

    /** What lies within the overlap, if all of it was handed over before the last stop; else nothing. */
    private Map<List<String>, Long> knownSince(@Nullable String from, JdbcTable table, long window, int pageSize) {
        if (window == 0) {
            return Map.of();
        }
        Map<List<String>, Long> found = new HashMap<>();
        @Nullable String[] last = null;
        JdbcTable.Page page;
        do {
            reader.checkStop();
            page = table.since(from, last, pageSize);
            for (@Nullable String[] row : page.rows()) {
                note(found, table, row);
                last = row;
            }
        } while (page.more());
        return digestOf(found) == window ? found : Map.of();
    }

    /** Notes a row, if there are not too many; returns its key. */
    private static List<String> note(Map<List<String>, Long> rows, JdbcTable table, @Nullable String[] row) {
        List<String> key = table.keyOf(row);
        if (rows.size() < REMEMBERED) {
            rows.put(key, contentOf(row));
        }
        return key;
    }

    private static long contentOf(@Nullable String[] row) {
        return FullRead.digest(row.length, i -> row[i]);
    }

    /** A digest that does not depend on the order; 0 for too many rows. */
    private static long digestOf(Map<List<String>, Long> rows) {
        if (rows.size() >= REMEMBERED) {
            return 0;
        }
        long sum = 1;
        for (Map.Entry<List<String>, Long> row : rows.entrySet()) {
            String content = Long.toString(row.getValue());
            sum += FullRead.digest(2, i -> i == 0 ? String.join("\u0000", row.getKey()) : content);
        }
        return sum;
    }

    @Override
    public void handed(JdbcTable table, @Nullable String[] row) {
        String mark = reader.offset().table(table.name()).mark();
        String at = table.watermark() == null ? null : table.watermarkOf(row);
        if (mark != null && at != null && compare(table, at, minus(table, mark)) >= 0) {
            note(seen.computeIfAbsent(table.name(), t -> new HashMap<>()), table, row);
        }
    }

    @Override
    public boolean isPassedOver(JdbcTable table, List<String> key) {
        return seen.getOrDefault(table.name(), Map.of()).containsKey(key);
    }

    @Override
    public boolean retain(JdbcTable table, Set<List<String>> keys) {
        Map<List<String>, Long> known = seen.get(table.name());
        return known == null || !known.keySet().retainAll(keys);
    }

    private @Nullable String later(JdbcTable table, @Nullable String a, @Nullable String b) {
        return a == null ? b : b == null || compare(table, a, b) >= 0 ? a : b;
    }

    /** Not behind the source's own clock: one row that says 2099 must not hide the changes until then. */
    private @Nullable String capped(JdbcTable table, @Nullable String mark) {
        JdbcColumn.Type type = typeOf(table);
        if (mark == null || type == JdbcColumn.Type.NUMBER) {
            return mark;
        }
        LocalDateTime now =
                LocalDateTime.ofInstant(sourceNow(), type == JdbcColumn.Type.INSTANT ? ZoneOffset.UTC : zone);
        try {
            return time(mark).isAfter(now) ? written(type, now) : mark;
        } catch (DateTimeException e) {
            // infinity, as PostgreSQL knows it
            return written(type, now);
        }
    }

    private Instant sourceNow() {
        String now = switch (db.dialect()) {
            case POSTGRESQL -> db.askOne("does not tell the time", "select localtimestamp::text");
            case MARIADB -> db.askOne("does not tell the time", "select cast(utc_timestamp(6) as char)");
            case OTHER -> null;
        };
        return now == null ? reader.now() : time(now).toInstant(ZoneOffset.UTC);
    }

    private String minus(JdbcTable table, String mark) {
        String overlap = table.settings().overlap();
        JdbcColumn.Type type = typeOf(table);
        boolean number = overlap.chars().allMatch(Character::isDigit);
        if (number != (type == JdbcColumn.Type.NUMBER)) {
            throw unfit(table, "goes by " + (number ? "time" : "number") + ", its overlap does not");
        }
        if (number) {
            return new BigDecimal(mark).subtract(new BigDecimal(overlap)).toPlainString();
        }
        return written(type, time(mark).minus(Duration.parse(overlap)));
    }

    private int compare(JdbcTable table, String a, String b) {
        if (typeOf(table) == JdbcColumn.Type.NUMBER) {
            return new BigDecimal(a).compareTo(new BigDecimal(b));
        }
        try {
            return time(a).compareTo(time(b));
        } catch (DateTimeException e) {
            // infinity, as PostgreSQL knows it
            return a.compareTo(b);
        }
    }

    private static LocalDateTime time(String text) {
        return text.length() == 10 ? LocalDate.parse(text).atStartOfDay() : LocalDateTime.parse(text.replace(' ', 'T'));
    }

    private static String written(JdbcColumn.Type type, LocalDateTime time) {
        return type == JdbcColumn.Type.DATE ? time.toLocalDate().toString() : time.toString();
    }

    private static JdbcColumn.Type typeOf(JdbcTable table) {
        JdbcColumn column = table.watermark();
        if (column == null
                || (column.type() != JdbcColumn.Type.NUMBER && !column.type().isTemporal())) {
            throw unfit(table, "is neither a time nor a number");
        }
        return column.type();
    }

    private static ConnectorException unfit(JdbcTable table, String what) {
        return new ConnectorException(
                ConnectorException.Kind.UNEXPECTED,
                "watermark-type",
                "the watermark of " + table.name() + " " + what + "; correct settings.tables." + table.name());
    }

    @Override
    public void close() {
        // nothing of its own
    }
}
