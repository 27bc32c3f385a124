package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.correction.UploadRow;
import io.yimen.pool.ledger.Mask;
import io.yimen.pool.ledger.Sql;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.seal.Vault;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares rows with the records that they speak of. A cell that is as the sheet was when it was made was not touched,
 * whatever has become of the value since; one that was touched is stale only where the same value has changed since.
 */
final class UploadCheck {
    private static final int LONGEST_REASON = 1000;

    private final EntityType type;
    private final List<Field> columns;
    private final Vault vault;
    private final LocalDate today;

    /** A record as it is, and as it was when the sheet was made; the latter is null where nobody knows any more. */
    private record Known(
            boolean active,
            long version,
            @Nullable String[] now,
            @Nullable String @Nullable [] then) {
        @Override
        public String toString() {
            return "record in version " + version;
        }
    }

    UploadCheck(EntityType type, List<Field> columns, Vault vault, LocalDate today) {
        this.type = type;
        this.columns = List.copyOf(columns);
        this.vault = vault;
        this.today = today;
    }

    /**
     * What would become of the rows; {@code to} of their changes is in clear.
     *
     * @param scoped sees what whoever uploaded them may see
     */
    List<UploadRow> check(Connection scoped, List<UploadRow.Entry> entries) throws SQLException {
        Map<Integer, Known> known = known(scoped, entries);
        List<UploadRow> rows = new ArrayList<>();
        for (UploadRow.Entry entry : entries) {
            rows.add(check(entry, known.get(entry.number())));
        }
        return rows;
    }

    private Map<Integer, Known> known(Connection scoped, List<UploadRow.Entry> entries) throws SQLException {
        List<Long> ids = new ArrayList<>();
        List<Long> versions = new ArrayList<>();
        List<Long> numbers = new ArrayList<>();
        for (UploadRow.Entry entry : entries) {
            Long id = number(entry.record());
            Long version = number(entry.version());
            if (id != null && version != null) {
                ids.add(id);
                versions.add(version);
                numbers.add((long) entry.number());
            }
        }
        var sql = new Sql().add("""
                select u.number, e.status, e.version, e.fields::text, c.fields::text
                  from unnest(?, ?, ?) u (number, id, version)
                  join pool.entity e on e.id = u.id and e.entity_type = ?
                  left join pool.change c
                    on e.version <> u.version and c.entity_id = u.id and c.version = u.version""", numbers, ids, versions, type.name());
        Map<Integer, Known> known = new HashMap<>();
        try (var select = sql.on(scoped);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                @Nullable String[] now = PackedClaim.readFields(row.getString(4), type);
                String then = row.getString(5);
                known.put(
                        row.getInt(1),
                        new Known(
                                row.getString(2).equals("ACTIVE"),
                                row.getLong(3),
                                now,
                                then == null ? null : PackedClaim.readFields(then, type)));
            }
        }
        return known;
    }

    private UploadRow check(UploadRow.Entry entry, @Nullable Known known) {
        List<UploadRow.Fault> faults = new ArrayList<>(entry.faults());
        List<UploadRow.Change> changes = new ArrayList<>();
        Long version = number(entry.version());
        if (known == null || version == null || !known.active) {
            faults.add(
                    known == null || version == null
                            ? fault("record", "unknown-record", "There is no such record within your places")
                            : fault("record", "gone", "The record was merged or has ended: get the sheet anew"));
        } else {
            compare(entry, version, known, changes, faults);
        }
        if (!changes.isEmpty() || !faults.isEmpty()) {
            checkReason(entry, !changes.isEmpty(), faults);
        }
        UploadRow.State state = !faults.isEmpty()
                ? UploadRow.State.FAULTY
                : changes.isEmpty() ? UploadRow.State.NOTHING : UploadRow.State.CHANGES;
        Long id = known == null ? null : number(entry.record());
        return new UploadRow(entry, id, version == null ? 0 : version, state, changes, faults);
    }

    private void compare(
            UploadRow.Entry entry,
            long version,
            Known known,
            List<UploadRow.Change> changes,
            List<UploadRow.Fault> faults) {
        Set<String> unreadable = new HashSet<>();
        entry.faults().forEach(f -> unreadable.add(f.column()));
        @Nullable String[] then = known.version == version ? known.now : known.then;
        for (int i = 0; i < columns.size(); i++) {
            Field field = columns.get(i);
            if (unreadable.contains(field.name())) {
                continue;
            }
            int index = type.indexOf(field.name());
            String typed = SheetText.tidy(entry.values().get(i));
            String now = Objects.requireNonNullElse(known.now[index], "");
            String shown = SheetText.tidy(SheetText.of(field, now, vault));
            if (typed.equals(shown)
                    || then != null && typed.equals(SheetText.tidy(SheetText.of(field, then[index], vault)))) {
                continue;
            }
            String value = SheetText.meant(field, typed);
            if (value != null && field.isSensitive() && value.contains("*")) {
                faults.add(fault(
                        field.name(), "masked-value", "A masked value was touched: type it whole, or put it back"));
                continue;
            }
            String stored;
            try {
                stored = CorrectedValue.stored(type, field, value, vault);
            } catch (PoolException e) {
                faults.add(fault(field.name(), "invalid-value", String.valueOf(e.getMessage())));
                continue;
            }
            if (stored.equals(now)) {
                continue;
            }
            if (then == null || !Objects.requireNonNullElse(then[index], "").equals(now)) {
                faults.add(fault(
                        field.name(), "stale", "The value has changed since the sheet was made: look at it again"));
                continue;
            }
            changes.add(new UploadRow.Change(field.name(), shown.isEmpty() ? null : shown, value, field.isSensitive()));
        }
    }

    private void checkReason(UploadRow.Entry entry, boolean needed, List<UploadRow.Fault> faults) {
        String reason = entry.reason().strip();
        if (needed && reason.isEmpty()) {
            faults.add(fault("reason", "no-reason", "A correction needs a reason"));
        } else if (reason.length() > LONGEST_REASON || !Gate.isStorable(reason)) {
            faults.add(fault("reason", "invalid-value", "A reason has 1 to " + LONGEST_REASON + " characters"));
        }
        String expires = entry.expires().strip();
        if (!expires.isEmpty()) {
            try {
                if (LocalDate.parse(expires).isBefore(today)) {
                    faults.add(fault("expires", "invalid-value", "A correction cannot expire before it is made"));
                }
            } catch (DateTimeException e) {
                faults.add(fault("expires", "invalid-value", "The last day is written like 2026-12-31"));
            }
        }
    }

    /** The change as it may be seen. */
    UploadRow.Change shown(UploadRow.Change change) {
        Field field = type.getField(change.field());
        String to = change.to();
        String seen = to == null
                ? null
                : field.isSensitive()
                        ? Mask.of(field.sensitivity(), to)
                        : field.values().getOrDefault(to, to);
        return new UploadRow.Change(change.field(), change.from(), seen, change.masked());
    }

    private static @Nullable Long number(String text) {
        return text.matches("[0-9]{1,18}") ? Long.valueOf(text) : null;
    }

    private static UploadRow.Fault fault(String column, String code, String message) {
        return new UploadRow.Fault(column, "", code, message);
    }
}
