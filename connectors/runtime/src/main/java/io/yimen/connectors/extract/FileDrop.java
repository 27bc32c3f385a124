package io.yimen.connectors.extract;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code file-drop}: reads the files of a folder in the order of their names, each once. A file counts when the file
 * beside it says how many rows it has and it has as many. Files are taken to stay as they are; one that changed while
 * it was being read is read again from its start.
 */
final class FileDrop implements Extractor {
    private static final int BATCH = 2000;
    private static final int LARGEST_RAW = 16 << 20;
    private static final int LARGEST_RECORD = 64 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Connector connector;
    private final Manifest.FileDrop settings;
    private final Columns columns;
    private final Path folder;
    private final Duration interval;
    /** Names, sizes and announcements of files that were told to be unfit; told once, then only watched. */
    private final Set<String> told = new HashSet<>();

    /**
     * Where reading stands.
     *
     * @param file name of the file read last
     * @param number its number in the order of reading: the position of what it says
     * @param rows rows of it that are applied
     * @param size its size
     * @param done whether it is read to its end
     */
    record Offset(
            @JsonProperty("file") String file,
            @JsonProperty("number") long number,
            @JsonProperty("rows") long rows,
            @JsonProperty("size") long size,
            @JsonProperty("done") boolean done) {}

    /** A file with what its announcement says. */
    private record Ready(Path path, long rows) {
        String name() {
            return path.getFileName().toString();
        }
    }

    FileDrop(Connector connector, Manifest.FileDrop settings) {
        this.connector = connector;
        this.settings = settings;
        this.columns = Columns.of(connector.manifest().streams());
        this.folder = Path.of(connector.parameters().getFilled(settings.folder()));
        this.interval = connector.duration(settings.interval());
    }

    @Override
    public void run(Session session) throws InterruptedException {
        while (true) {
            session.stop().check();
            Offset offset = session.findOffset().map(FileDrop::parse).orElse(new Offset("", 0, 0, 0, true));
            Ready next = next(offset, session);
            if (next != null) {
                read(next, offset, session);
                continue;
            }
            session.waiting();
            if (session.isOnce() || session.stop().await(interval)) {
                return;
            }
        }
    }

    /** The next complete file that was not told to be unfit; null if there is none. */
    private @Nullable Ready next(Offset offset, Session session) {
        List<Path> files = list();
        boolean skippable = connector.manifest().streams().stream().allMatch(s -> s.deletes() == DeletePolicy.FULL_SET);
        String incomplete = null;
        for (Path file : files) {
            String name = file.getFileName().toString();
            int order = name.compareTo(offset.file());
            if (order < 0 || (order == 0 && offset.done())) {
                continue;
            }
            OptionalLong rows = announced(file);
            if (rows.isPresent()) {
                Ready ready = new Ready(file, rows.getAsLong());
                if (!told.contains(signature(ready))) {
                    if (incomplete != null) {
                        session.notice(
                                incomplete + " is passed over: " + name + " is complete and holds the whole set");
                    }
                    return ready;
                }
            } else {
                session.notice(
                        name + " is there, its " + settings.completeSuffix() + " with the number of rows is not");
            }
            if (!skippable) {
                return null;
            }
            incomplete = name;
        }
        return null;
    }

    private List<Path> list() {
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(f ->
                            settings.file().matcher(f.getFileName().toString()).matches())
                    .filter(Files::isRegularFile)
                    .sorted((a, b) ->
                            a.getFileName().toString().compareTo(b.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw new ConnectorException(
                    ConnectorException.Kind.UNREACHABLE,
                    "folder",
                    "the folder of " + connector.id() + " cannot be read: "
                            + e.getClass().getSimpleName() + "; check its parameter folder",
                    e);
        }
    }

    private OptionalLong announced(Path file) {
        Path ok = file.resolveSibling(file.getFileName() + settings.completeSuffix());
        try {
            String text = Files.readString(ok, StandardCharsets.UTF_8).strip();
            return text.matches("\\d{1,12}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
        } catch (NoSuchFileException | CharacterCodingException e) {
            return OptionalLong.empty();
        } catch (IOException e) {
            throw unreadable(ok, e);
        }
    }

    /** Reads one file; throws if it is not fit. */
    private void read(Ready file, Offset offset, Session session) {
        long size = sizeOf(file.path());
        boolean resumed = file.name().equals(offset.file()) && !offset.done() && offset.size() == size;
        long number = resumed ? offset.number() : offset.number() + 1;
        String signature = signature(file);
        Offset done = new Offset(file.name(), number, file.rows(), size, true);
        int streams = connector.manifest().streams().size();
        try {
            long rows = inspect(file, session);
            if (rows != file.rows()) {
                told.add(signature);
                throw unexpected(
                        "truncated",
                        file.name() + " has " + rows + " rows, its " + settings.completeSuffix() + " says "
                                + file.rows() + "; waiting for the whole file");
            }
        } catch (ConnectorException e) {
            told.add(signature);
            session.openRun("pull", OptionalLong.empty());
            throw e;
        } catch (Undecodable e) {
            quarantine(file, number, e.reason, e.text, done, session);
            return;
        }
        session.openRun("pull", OptionalLong.of(file.rows() * streams));
        boolean whole = apply(
                file, resumed ? offset.rows() : 0, new Offset(file.name(), number, 0, size, false), done, session);
        session.complete(
                whole
                        ? null
                        : "records of " + file.name() + " whose key cannot be read wait in quarantine:"
                                + " nothing is retired by this file");
    }

    /** Whether it said of everything in it which record it is. */
    private boolean apply(Ready file, long skip, Offset at, Offset done, Session session) {
        FullRead read = new FullRead(connector, columns, Position.of(at.number()));
        try (CsvReader<CsvRecord> csv = open(file.path())) {
            int[] places = new int[0];
            int width = 0;
            long count = -1;
            for (CsvRecord record : csv) {
                count++;
                if (count == 0) {
                    places = places(file.name(), record);
                    width = record.getFieldCount();
                    continue;
                }
                boolean known = count <= skip;
                if (record.getFieldCount() != width) {
                    if (known) {
                        read.recallRejected();
                    } else {
                        read.reject(brokenLine(read, record, width));
                    }
                } else {
                    @Nullable String[] row = new @Nullable String[columns.size()];
                    for (int i = 0; i < row.length; i++) {
                        row[i] = places[i] < 0 ? null : record.getField(places[i]);
                    }
                    if (known) {
                        read.recall(row);
                    } else {
                        read.add(row);
                    }
                }
                if (read.pending() >= BATCH) {
                    session.stop().check();
                    read.flush(session, text(new Offset(at.file(), at.number(), count, at.size(), false)));
                }
            }
            if (read.pending() > 0) {
                read.flush(session, text(new Offset(at.file(), at.number(), Math.max(count, 0), at.size(), false)));
            }
            session.apply(text(done), List.of(), List.of(), read.completeSets());
            return read.isWhole();
        } catch (IOException e) {
            throw unreadable(file.path(), e);
        }
    }

    private static Rejected brokenLine(FullRead read, CsvRecord record, int width) {
        byte[] raw = String.join("\u001f", record.getFields()).getBytes(StandardCharsets.UTF_8);
        return new Rejected(
                read.firstStream(),
                "line " + record.getStartingLineNumber(),
                read.position(),
                "column-count",
                null,
                "line " + record.getStartingLineNumber() + " has " + record.getFieldCount() + " columns, the header "
                        + width + "; correct it at the source",
                raw);
    }

    /** Reads the whole file once without taking anything: its charset, its columns, its number of rows. */
    private long inspect(Ready file, Session session) {
        long rows = -1;
        try (CsvReader<CsvRecord> csv = open(file.path())) {
            for (CsvRecord record : csv) {
                if (rows < 0) {
                    var unused = places(file.name(), record);
                }
                rows++;
                if ((rows & 0xffff) == 0) {
                    session.stop().check();
                }
            }
        } catch (CsvParseException e) {
            if (isCharset(e)) {
                throw undecodable(file.path());
            }
            throw unexpected(
                    "malformed-csv",
                    file.name() + " is no CSV: a record does not end, or is larger than " + (LARGEST_RECORD >> 20)
                            + " MiB; waiting for a correct file");
        } catch (UncheckedIOException e) {
            if (isCharset(e)) {
                throw undecodable(file.path());
            }
            throw unreadable(file.path(), e);
        } catch (IOException e) {
            throw unreadable(file.path(), e);
        }
        if (rows < 0) {
            throw unexpected("truncated", file.name() + " is empty and lacks its header; waiting for the whole file");
        }
        return rows;
    }

    private static boolean isCharset(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof CharacterCodingException) {
                return true;
            }
        }
        return false;
    }

    private CsvReader<CsvRecord> open(Path file) throws IOException {
        Reader reader = new BufferedReader(
                new InputStreamReader(
                        Files.newInputStream(file),
                        settings.charset()
                                .newDecoder()
                                .onMalformedInput(CodingErrorAction.REPORT)
                                .onUnmappableCharacter(CodingErrorAction.REPORT)),
                1 << 16);
        return CsvReader.builder()
                .fieldSeparator(settings.separator())
                .maxBufferSize(LARGEST_RECORD)
                .allowExtraFields(true)
                .allowMissingFields(true)
                .skipEmptyLines(true)
                .ofCsvRecord(reader);
    }

    /** Where each column stands; the header must have all that are needed and none that nobody knows. */
    private int[] places(String file, CsvRecord header) {
        List<String> names = new ArrayList<>();
        for (String name : header.getFields()) {
            String plain = name.strip();
            names.add(names.isEmpty() && plain.startsWith("\uFEFF") ? plain.substring(1) : plain);
        }
        List<String> problems = new ArrayList<>();
        for (String name : names) {
            if (columns.indexOf(name) < 0 && !settings.ignore().contains(name)) {
                problems.add("unknown column \"" + shown(name) + "\"");
            }
        }
        int[] places = new int[columns.size()];
        boolean missing = false;
        for (int i = 0; i < places.length; i++) {
            String column = columns.names().get(i);
            places[i] = names.indexOf(column);
            if (places[i] < 0 && !isOptional(column)) {
                missing = true;
                problems.add("missing column \"" + column + "\"");
            }
        }
        if (!problems.isEmpty()) {
            throw unexpected(
                    missing ? "missing-column" : "unknown-column",
                    "the header of " + file + " has " + String.join(", ", problems)
                            + "; declare what changed in "
                            + connector.manifest().file()
                            + " (settings.ignore for columns that nobody needs)");
        }
        return places;
    }

    /** A header in a wrong charset or without one may hold anything, data included. */
    private static String shown(String name) {
        return name.codePointCount(0, name.length()) > 30
                ? name.substring(0, name.offsetByCodePoints(0, 30)) + "…"
                : name;
    }

    private boolean isOptional(String column) {
        return connector.manifest().streams().stream()
                .allMatch(s -> !s.key().contains(column)
                        && s.fields().stream()
                                .filter(f -> f.from().contains(column))
                                .allMatch(Manifest.FieldRule::optional));
    }

    private void quarantine(Ready file, long number, String reason, String message, Offset done, Session session) {
        session.openRun("pull", OptionalLong.empty());
        byte[] raw;
        try (InputStream in = Files.newInputStream(file.path())) {
            raw = in.readNBytes(LARGEST_RAW);
        } catch (IOException e) {
            throw unreadable(file.path(), e);
        }
        Rejected rejected = new Rejected(
                connector.shapes().get(0).id(), file.name(), Position.of(number), reason, null, message, raw);
        session.apply(text(done), List.of(), List.of(rejected), List.of());
        session.fail(reason + ": " + message + "; the file waits in quarantine");
    }

    /** Finds the line at which the file cannot be decoded; a reader would tell only the block. */
    private Undecodable undecodable(Path file) {
        CharsetDecoder decoder = settings.charset()
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        CharBuffer chars = CharBuffer.allocate(1 << 17);
        long line = 1;
        try (InputStream in = Files.newInputStream(file)) {
            boolean end = false;
            CoderResult result = CoderResult.UNDERFLOW;
            while (!end && !result.isError()) {
                int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
                end = read < 0;
                bytes.position(bytes.position() + Math.max(read, 0)).flip();
                result = decoder.decode(bytes, chars, end);
                line += chars.flip().chars().filter(c -> c == '\n').count();
                chars.clear();
                bytes.compact();
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        return new Undecodable(
                "charset",
                file.getFileName() + " is not " + settings.charset().name() + " at line " + line
                        + "; have it sent in the declared charset");
    }

    /** Tells a file from itself after it was replaced. */
    private static String signature(Ready file) {
        return file.name() + "|" + sizeOf(file.path()) + "|" + file.rows() + "|" + modified(file.path());
    }

    private static long sizeOf(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static String modified(Path file) {
        try {
            return Files.getLastModifiedTime(file).toString();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static ConnectorException unreadable(Path file, Exception e) {
        return new ConnectorException(
                ConnectorException.Kind.UNREACHABLE,
                "file",
                Objects.toString(file.getFileName()) + " cannot be read",
                e);
    }

    private static ConnectorException unexpected(String code, String message) {
        return new ConnectorException(ConnectorException.Kind.UNEXPECTED, code, message);
    }

    private static Offset parse(String text) {
        try {
            return JSON.readValue(text, Offset.class);
        } catch (JsonProcessingException e) {
            throw new ConnectorException(
                    ConnectorException.Kind.CONFIGURATION, "offset", "the stored offset is not one of a file-drop", e);
        }
    }

    private static String text(Offset offset) {
        try {
            return JSON.writeValueAsString(offset);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The file as a whole cannot be taken; it goes to quarantine and the next one is read. */
    private static final class Undecodable extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final String reason;
        private final String text;

        Undecodable(String reason, String text) {
            super(text, null, false, false);
            this.reason = reason;
            this.text = text;
        }
    }
}
