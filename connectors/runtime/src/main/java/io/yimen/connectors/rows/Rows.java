package io.yimen.connectors.rows;

import io.yimen.connectors.manifest.FileDropSettings;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one file, from the first to the last. Whatever the file is, one row is held at a time and none is larger
 * than {@value #LONGEST} characters. For one thread.
 */
public interface Rows extends Closeable {
    /** Characters of one row; in JSON lines a longer one is passed over, elsewhere it makes the file unfit. */
    int LONGEST = 8 << 20;

    /**
     * A row as it was read.
     *
     * @param number where it stands: its line, or its number among the rows where the form knows no lines
     * @param values aligned with the columns; empty where there is a fault
     * @param fault why there are no values; null for a good row
     */
    record Row(
            long number,
            @Nullable String[] values,
            @Nullable Fault fault) {
        static Row of(long number, @Nullable String[] values) {
            return new Row(number, values, null);
        }

        static Row broken(long number, String reason, String message, byte[] raw) {
            return new Row(number, new String[0], new Fault(reason, message, raw));
        }

        @Override
        public String toString() {
            return "row " + number;
        }
    }

    /**
     * Why a row cannot be read.
     *
     * @param reason stable code
     * @param message what is wrong and what to do, without values
     * @param raw what was read of it
     */
    record Fault(String reason, String message, byte[] raw) {
        @Override
        public String toString() {
            return reason;
        }
    }

    /**
     * The next row; null after the last.
     *
     * @throws UnfitFile if nothing more can be read
     */
    @Nullable
    Row next() throws IOException;

    /** The header's columns, in its order; of a form without one, what rows have carried up to now. */
    List<String> names();

    /** Whether the names are known, all of them, before the first row. */
    boolean hasHeader();

    /**
     * Opens a file in the form that its settings declare.
     *
     * @throws UnfitFile if it is none
     */
    static Rows open(Path file, FileDropSettings settings, Columns columns, List<Manifest.Stream> streams)
            throws IOException {
        return switch (settings.format()) {
            case CSV -> new CsvRows(file, settings.charset(), settings.separator(), columns);
            case JSONL -> new JsonRows(file, settings.charset(), columns);
            case XML -> XmlRows.of(file, settings.charset(), settings.rows(), columns);
            case XLSX -> new SheetRows(file, settings.sheet(), columns, streams);
            case DBF -> new DbfRows(file, settings.charset(), columns);
        };
    }
}
