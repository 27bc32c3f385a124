package io.yimen.connectors.extract;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.drop.DropFolder;
import io.yimen.connectors.extract.DropReading.Ready;
import io.yimen.connectors.manifest.FileDropSettings;
import io.yimen.connectors.rows.Rows;
import io.yimen.connectors.rows.UnfitFile;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.Reread;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code file-drop}: reads the files of a folder in the order of their names, each once, when it is whole: each is the
 * whole set, or tells what has changed. Files are taken to stay as they are; one that changed while it was being read is
 * read again from its start.
 */
final class FileDrop implements Extractor {
    private static final int BATCH = 2000;
    private static final int LARGEST_RAW = 16 << 20;
    /** Of a file that is not gone on with. */
    private static final long NO_SIZE = -1;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Connector connector;
    private final FileDropSettings settings;
    private final DropReading reading;
    private final DropColumns columns;
    private final Duration interval;
    private final boolean wholeSets;
    /** Names, sizes and announcements of files that were told to be unfit; told once, then only watched. */
    private final Set<String> told = new HashSet<>();

    private boolean still;
    /** What somebody wants to be read again and is not yet. */
    private List<Reread> wishes = List.of();
    /** Up to which file the present attempt reads what was read before. */
    private String knownUpTo = "";

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
            @JsonProperty("done") boolean done) {
        Offset at(long row) {
            return new Offset(file, number, row, size, false);
        }

        /**
         * Reads once more, under later numbers, what was read: the last file where each is the whole set, otherwise all
         * files that are still there.
         */
        Offset again(boolean wholeSets) {
            return wholeSets && !file.isEmpty()
                    ? new Offset(file, number, 0, NO_SIZE, false)
                    : new Offset("", number, 0, 0, true);
        }
    }

    FileDrop(Connector connector, FileDropSettings settings) {
        this.connector = connector;
        this.settings = settings;
        this.reading = new DropReading(connector, settings);
        this.columns = new DropColumns(connector.manifest(), settings);
        this.interval = connector.duration(settings.interval());
        this.wholeSets = connector.manifest().streams().stream().allMatch(s -> s.deletes() == DeletePolicy.FULL_SET);
    }

    @Override
    public void run(Session session) throws InterruptedException {
        wishes = session.rereads();
        knownUpTo = "";
        while (true) {
            session.stop().check();
            readAll(session);
            session.waiting();
            if (session.isOnce() && !still) {
                return;
            }
            if (session.stop().await(session.isOnce() ? reading.stable() : interval)) {
                return;
            }
        }
    }

    private void readAll(Session session) {
        try (DropFolder folder = reading.open()) {
            while (true) {
                session.stop().check();
                Offset offset = session.findOffset().map(FileDrop::parse).orElse(new Offset("", 0, 0, 0, true));
                if (!wishes.isEmpty()) {
                    knownUpTo = offset.file();
                    offset = offset.again(wholeSets);
                }
                Ready next = next(folder, offset, session);
                if (next == null) {
                    if (!wishes.isEmpty()) {
                        begin(knownUpTo, OptionalLong.empty(), offset, session);
                        session.complete("no file is there now that could be read again; what comes next is read");
                    }
                    return;
                }
                read(folder, next, offset, session);
            }
        }
    }

    /** The next complete file that was not told to be unfit; null if there is none. */
    private @Nullable Ready next(DropFolder folder, Offset offset, Session session) {
        String incomplete = null;
        still = false;
        for (DropFolder.Entry entry : folder.list(settings.file())) {
            int order = entry.name().compareTo(offset.file());
            if (order < 0 || (order == 0 && offset.done())) {
                continue;
            }
            Ready ready = reading.find(folder, entry, session.clock().instant()).orElse(null);
            if (ready != null) {
                if (!told.contains(signature(ready))) {
                    if (incomplete != null) {
                        session.notice(incomplete + " is passed over: " + ready.name()
                                + " is complete and holds the whole set");
                    }
                    return ready;
                }
            } else {
                still |= settings.complete().stable() != null;
                session.notice(reading.waitsFor(entry.name()));
            }
            if (!wholeSets) {
                return null;
            }
            incomplete = entry.name();
        }
        return null;
    }

    /** Reads one file; throws if it is not fit. */
    private void read(DropFolder folder, Ready file, Offset offset, Session session) {
        long size = file.entry().size();
        boolean resumed = file.name().equals(offset.file()) && !offset.done() && offset.size() == size;
        Offset at = new Offset(
                file.name(), resumed ? offset.number() : offset.number() + 1, resumed ? offset.rows() : 0, size, false);
        Path local = null;
        try {
            local = folder.fetch(file.entry(), session.stop()::check);
            Path plain = fit(file, local, session);
            long rows = inspect(file, plain, session);
            begin(
                    file.name(),
                    OptionalLong.of(rows * connector.manifest().streams().size()),
                    offset,
                    session);
            boolean whole = apply(file, plain, at, rows, session);
            session.complete(
                    whole || settings.delta() != null
                            ? null
                            : "records of " + file.name() + " whose key cannot be read wait in quarantine:"
                                    + " nothing is retired by this file");
        } catch (UnfitFile e) {
            quarantine(file, local, e, offset, at, session);
        } catch (IOException e) {
            throw unreadable(file.name(), e);
        }
    }

    /** Opens the run of a file, and lets wishes that are fulfilled from it on wait no longer. */
    private void begin(String file, OptionalLong expected, Offset offset, Session session) {
        boolean again = !knownUpTo.isEmpty() && file.compareTo(knownUpTo) <= 0;
        session.openRun(again ? "reread" : "pull", expected);
        if (!wishes.isEmpty()) {
            session.take(wishes, text(offset));
            wishes = List.of();
        }
    }

    private Path fit(Ready file, Path local, Session session) {
        if (!reading.isIntact(file, local, session.stop()::check)) {
            throw told(
                    file,
                    session,
                    "checksum",
                    file.name() + " is not what its " + settings.complete().checksum()
                            + " says; waiting for the whole file");
        }
        return reading.plain(local, session.stop()::check);
    }

    /** Reads the whole file once without taking anything: its charset, its columns, its number of rows. */
    private long inspect(Ready file, Path plain, Session session) throws IOException {
        long count = 0;
        try (Rows rows = open(plain)) {
            if (rows.hasHeader()) {
                checkNames(file, rows, session);
            }
            while (rows.next() != null) {
                count++;
                if ((count & 0xffff) == 0) {
                    session.stop().check();
                }
            }
            if (!rows.hasHeader() && count > 0) {
                checkNames(file, rows, session);
            }
        }
        if (file.rows().orElse(count) != count) {
            throw told(
                    file,
                    session,
                    "truncated",
                    file.name() + " has " + count + " rows, its "
                            + settings.complete().suffix() + " says "
                            + file.rows().getAsLong() + "; waiting for the whole file");
        }
        return count;
    }

    private void checkNames(Ready file, Rows rows, Session session) {
        if (rows.hasHeader() && rows.names().isEmpty()) {
            throw told(
                    file,
                    session,
                    "truncated",
                    file.name() + " is empty and lacks its header; waiting for the whole file");
        }
        DropColumns.Problem problem = columns.findProblem(file.name(), rows.names(), rows.hasHeader());
        if (problem != null) {
            throw told(file, session, problem.code(), problem.message());
        }
        Set<String> unknown = rows.hasHeader() ? Set.of() : columns.unknown(rows.names());
        if (!unknown.isEmpty()) {
            session.notice(file.name() + " has what nobody asked for: " + String.join(", ", unknown) + "; not read");
        }
    }

    private Rows open(Path plain) throws IOException {
        return Rows.open(
                plain, settings, columns.columns(), connector.manifest().streams());
    }

    /** Whether it said of everything in it which record it is. */
    private boolean apply(Ready file, Path plain, Offset at, long rows, Session session) throws IOException {
        FullRead read = new FullRead(connector, columns.columns(), position(at, 0), settings.delta() != null);
        long count = 0;
        try (Rows all = open(plain)) {
            for (Rows.Row row = all.next(); row != null; row = all.next()) {
                count++;
                take(row, count <= at.rows(), position(at, count), read);
                if (read.pending() >= BATCH) {
                    session.stop().check();
                    read.flush(session, text(at.at(count)));
                }
            }
        }
        if (read.pending() > 0) {
            read.flush(session, text(at.at(count)));
        }
        Offset done = new Offset(at.file(), at.number(), rows, at.size(), true);
        session.apply(text(done), List.of(), List.of(), read.completeSets());
        return read.isWhole();
    }

    /** The position of a file is its number; among changes each row has one of its own behind it. */
    private Position position(Offset at, long row) {
        return Position.of(settings.delta() == null ? at.number() : (at.number() << 32) + row);
    }

    private void take(Rows.Row row, boolean known, Position position, FullRead read) {
        Rows.Fault fault = row.fault();
        if (settings.delta() != null) {
            if (known) {
                return;
            }
            read.moveTo(position);
        }
        if (fault != null) {
            if (known) {
                read.recallRejected();
            } else {
                read.reject(new Rejected(
                        read.firstStream(),
                        "line " + row.number(),
                        read.position(),
                        fault.reason(),
                        null,
                        fault.message(),
                        fault.raw()));
            }
        } else if (known) {
            read.recall(row.values());
        } else {
            switch (columns.operation(row.values())) {
                case UPSERT -> read.add(row.values());
                case DELETE -> read.delete(row.values());
                case UNKNOWN ->
                    read.rejectAll(
                            row.values(),
                            "unknown-code",
                            java.util.Objects.requireNonNull(settings.delta()).column(),
                            "says neither what is there nor what is gone; declare it in settings.delta");
            }
        }
    }

    private void quarantine(Ready file, @Nullable Path local, UnfitFile e, Offset offset, Offset at, Session session) {
        byte[] raw = new byte[0];
        if (local != null) {
            try (InputStream in = Files.newInputStream(local)) {
                raw = in.readNBytes(LARGEST_RAW);
            } catch (IOException unread) {
                throw unreadable(file.name(), unread);
            }
        }
        String message = file.name() + " " + e.message();
        begin(file.name(), OptionalLong.empty(), offset, session);
        Rejected rejected = new Rejected(
                connector.shapes().get(0).id(), file.name(), position(at, 0), e.reason(), null, message, raw);
        Offset done = new Offset(at.file(), at.number(), 0, at.size(), true);
        session.apply(text(done), List.of(), List.of(rejected), List.of());
        session.fail(e.reason() + ": " + message + "; the file waits in quarantine");
    }

    /** The file is not fit as it is, and is looked at again when it has changed. */
    private ConnectorException told(Ready file, Session session, String code, String message) {
        told.add(signature(file));
        session.openRun("pull", OptionalLong.empty());
        return new ConnectorException(ConnectorException.Kind.UNEXPECTED, code, message);
    }

    /** Tells a file from itself after it was replaced. */
    private static String signature(Ready file) {
        return file.name() + "|" + file.entry().size() + "|" + file.rows() + "|"
                + file.entry().modified() + "|" + file.checksum();
    }

    private static ConnectorException unreadable(String file, Exception e) {
        return new ConnectorException(ConnectorException.Kind.UNREACHABLE, "file", file + " cannot be read", e);
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
}
