package io.yimen.pool.correction;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row of an upload and what would become of it.
 *
 * @param entry as it was typed; empty once it is applied
 * @param entity the record that it names; {@code null} where it names none
 */
public record UploadRow(
        Entry entry, @Nullable Long entity, long version, State state, List<Change> changes, List<Fault> faults) {
    public UploadRow {
        changes = List.copyOf(changes);
        faults = List.copyOf(faults);
    }

    /** Where a row stands. */
    public enum State {
        /** Would change something. */
        CHANGES,
        /** Is as the record is. */
        NOTHING,
        /** Something of it is wrong; none of it is applied. */
        FAULTY,
        /** Its corrections are made. */
        APPLIED
    }

    /**
     * A row as somebody typed it.
     *
     * @param number of the row in the sheet, from 1
     * @param record id of the record
     * @param version of the record when the sheet was made
     * @param title what the record is called; says nothing
     * @param values by column, empty where the cell is
     * @param expires last day on which it holds; empty: for good
     * @param faults cells that hold no text
     */
    public record Entry(
            int number,
            String record,
            String version,
            String title,
            List<String> values,
            String reason,
            String expires,
            List<Fault> faults) {
        public Entry {
            values = List.copyOf(values);
            faults = List.copyOf(faults);
        }

        @Override
        public String toString() {
            return "row " + number;
        }
    }

    /**
     * What a row changes.
     *
     * @param from as the sheet shows it, masked where sensitive; {@code null}: nothing
     * @param to likewise
     */
    public record Change(
            String field, @Nullable String from, @Nullable String to, boolean masked) {
        @Override
        public String toString() {
            return "change of " + field;
        }
    }

    /**
     * What is wrong with a row.
     *
     * @param column name of the field, {@code record}, {@code version}, {@code reason} or {@code expires}
     * @param cell such as C5; empty where it is not of one cell
     * @param code stable, such as {@code stale}
     * @param message what is wrong and what to do; no value
     */
    public record Fault(String column, String cell, String code, String message) {}

    @Override
    public String toString() {
        return entry.toString();
    }
}
