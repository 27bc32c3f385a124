package io.yimen.simulators;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The register of divisions, edition 2016, as a nightly whole-set file in a folder: {@code xzqh-YYYYMMDD.csv} in
 * GB18030, and {@code xzqh-YYYYMMDD.csv.ok} with the number of rows once the file is complete.
 */
public final class DivisionDrop implements LegacySystem {
    /** The columns of a file. */
    public static final List<String> COLUMNS = List.of("代码", "上级代码", "名称", "级别", "城乡分类", "经度", "纬度", "区", "街镇");

    private static final Charset GB18030 = Charset.forName("GB18030");

    private final Path folder;
    private final Map<String, Division> rows = new LinkedHashMap<>();

    private DivisionDrop(Path folder) {
        this.folder = folder;
        Divisions.edition2016().forEach(d -> rows.put(d.code(), d));
    }

    /** The drop of {@code folder}, which is created; no file is written. */
    public static DivisionDrop of(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new DivisionDrop(folder);
    }

    @Override
    public String connector() {
        return "divisions-2016";
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(connector(), Map.of("folder", folder.toString(), "interval", "PT5S"));
    }

    /** The files stay. */
    @Override
    public void close() {}

    public Path folder() {
        return folder;
    }

    /** What the next file holds. */
    public synchronized List<Division> rows() {
        return new ArrayList<>(rows.values());
    }

    /** From the next file on: adds the row, or replaces the one with the same code. */
    public synchronized void put(Division row) {
        rows.put(row.code(), row);
    }

    /** From the next file on: without this code. */
    public synchronized void remove(String code) {
        rows.remove(code);
    }

    /** Whether a complete file is there. */
    public boolean hasFile() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(f -> f.getFileName().toString().endsWith(".csv.ok"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the file of {@code night} and declares it complete. */
    public synchronized Path write(LocalDate night) {
        return write(night, encode(csv(rows())), rows.size());
    }

    /** Writes these bytes as the file of {@code night} and declares so many rows; for tests of broken files. */
    public Path write(LocalDate night, byte[] content, int declaredRows) {
        String name = name(night);
        try {
            Drops.leave(folder, name, content, ".ok", declaredRows + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + name + " to " + folder, e);
        }
        return folder.resolve(name);
    }

    /** What the file of a night is called. */
    public static String name(LocalDate night) {
        return "xzqh-" + night.format(DateTimeFormatter.BASIC_ISO_DATE) + ".csv";
    }

    /** The text of a file with these rows. */
    public static String csv(List<Division> rows) {
        return csv(COLUMNS, rows);
    }

    /** The text of a file with these rows below another header. */
    public static String csv(List<String> header, List<Division> rows) {
        StringWriter text = new StringWriter();
        try (CsvWriter csv =
                CsvWriter.builder().lineDelimiter(LineDelimiter.CRLF).build(text)) {
            csv.writeRecord(header);
            for (Division d : rows) {
                csv.writeRecord(
                        d.code(),
                        d.parent(),
                        d.name(),
                        d.level(),
                        d.urbanRural(),
                        d.longitude(),
                        d.latitude(),
                        d.county(),
                        d.town());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** The text in the drop's charset; what it cannot say is refused, not replaced. */
    public static byte[] encode(String text) {
        try {
            ByteBuffer bytes = GB18030.newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(text));
            byte[] result = new byte[bytes.remaining()];
            bytes.get(result);
            return result;
        } catch (java.nio.charset.CharacterCodingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
