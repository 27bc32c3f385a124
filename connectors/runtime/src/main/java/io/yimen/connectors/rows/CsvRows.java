package io.yimen.connectors.rows;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.yimen.connectors.mapping.Columns;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** CSV with a header. A line with another number of columns than the header is a fault of its own. */
final class CsvRows implements Rows {
    private final Path file;
    private final Charset charset;
    private final CsvReader<CsvRecord> csv;
    private final Iterator<CsvRecord> records;
    private final List<String> names = new ArrayList<>();
    private final int[] places;

    CsvRows(Path file, Charset charset, char separator, Columns columns) throws IOException {
        this.file = file;
        this.charset = charset;
        this.csv = CsvReader.builder()
                .fieldSeparator(separator)
                .maxBufferSize(LONGEST)
                .allowExtraFields(true)
                .allowMissingFields(true)
                .skipEmptyLines(true)
                .ofCsvRecord(new BufferedReader(Decoding.open(file, charset), 1 << 16));
        try {
            this.records = csv.iterator();
            CsvRecord header = record();
            if (header != null) {
                header.getFields().forEach(name -> names.add(name.strip()));
                names.set(0, Decoding.withoutMark(names.get(0)).strip());
            }
        } catch (IOException | RuntimeException e) {
            csv.close();
            throw e;
        }
        this.places = columns.names().stream().mapToInt(names::indexOf).toArray();
    }

    @Override
    public @Nullable Row next() throws IOException {
        CsvRecord record = record();
        if (record == null) {
            return null;
        }
        long line = record.getStartingLineNumber();
        if (record.getFieldCount() != names.size()) {
            return Row.broken(
                    line,
                    "column-count",
                    "line " + line + " has " + record.getFieldCount() + " columns, the header " + names.size()
                            + "; correct it at the source",
                    String.join("\u001f", record.getFields()).getBytes(StandardCharsets.UTF_8));
        }
        @Nullable String[] row = new @Nullable String[places.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = places[i] < 0 ? null : record.getField(places[i]);
        }
        return Row.of(line, row);
    }

    private @Nullable CsvRecord record() throws IOException {
        try {
            return records.hasNext() ? records.next() : null;
        } catch (CsvParseException | UncheckedIOException e) {
            if (Decoding.isCharset(e)) {
                throw Decoding.undecodable(file, charset);
            }
            if (e.getCause() instanceof IOException io && !(e instanceof CsvParseException)) {
                throw io;
            }
            throw new UnfitFile(
                    "line-too-long",
                    "holds a line that does not end, or has more than " + LONGEST
                            + " characters; have a correct file sent");
        }
    }

    @Override
    public List<String> names() {
        return names;
    }

    @Override
    public boolean hasHeader() {
        return true;
    }

    @Override
    public void close() throws IOException {
        csv.close();
    }
}
