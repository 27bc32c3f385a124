package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.drop.Archive;
import io.yimen.connectors.drop.Checksum;
import io.yimen.connectors.drop.DropFolder;
import io.yimen.connectors.drop.LocalFolder;
import io.yimen.connectors.drop.SftpFolder;
import io.yimen.connectors.drop.Work;
import io.yimen.connectors.manifest.FileDropSettings;
import io.yimen.connectors.mapping.StreamMapping;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What a file-drop knows of its folder: how to reach it, and which of its files are whole. For one thread. */
final class DropReading {
    private final Connector connector;
    private final FileDropSettings settings;
    private final String folder;
    private final Work work;
    private final Duration stable;
    private final Map<String, Look> looks = new HashMap<>();

    /** A file as it looked, and since when it has looked so. */
    private record Look(DropFolder.Entry entry, Instant since) {}

    /**
     * A file that is whole.
     *
     * @param rows how many rows it was announced with, if it was
     * @param checksum its checksum as announced; empty without
     */
    record Ready(DropFolder.Entry entry, OptionalLong rows, String checksum) {
        String name() {
            return entry.name();
        }
    }

    /** @throws io.yimen.connectors.manifest.ManifestException if a parameter has a value that does not do */
    DropReading(Connector connector, FileDropSettings settings) {
        this.connector = connector;
        this.settings = settings;
        this.folder = connector.parameters().getFilled(settings.folder());
        String where = folder;
        if (settings.sftp() != null) {
            SftpFolder.Access access = access(settings.sftp());
            where = access.host() + ":" + access.port() + "/" + folder;
        }
        String stable = settings.complete().stable();
        this.stable = stable == null ? Duration.ZERO : connector.duration(stable);
        String given = connector.parameters().findFilled(settings.work()).orElse("");
        this.work = new Work(
                given.isEmpty()
                        ? Path.of(
                                System.getProperty("java.io.tmpdir"),
                                "yimen-drop-" + connector.id() + "-"
                                        + StreamMapping.digest(where.getBytes(StandardCharsets.UTF_8))
                                                .substring(7, 15))
                        : Path.of(given));
    }

    DropFolder open() {
        return settings.sftp() == null
                ? new LocalFolder(connector.id(), Path.of(folder))
                : SftpFolder.connect(connector.id(), access(settings.sftp()), folder, work);
    }

    private SftpFolder.Access access(FileDropSettings.Sftp sftp) {
        String port = connector.parameters().getFilled(sftp.port());
        if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
            throw connector.wrong(sftp.port(), "is no port");
        }
        String hostKey = connector.parameters().getFilled(sftp.hostKey());
        if (!hostKey.matches("SHA256:[A-Za-z0-9+/]{43}")) {
            throw connector.wrong(
                    sftp.hostKey(), "is no fingerprint; write it as ssh-keygen -l shows it: SHA256: and 43 characters");
        }
        return new SftpFolder.Access(
                connector.parameters().getFilled(sftp.host()),
                Integer.parseInt(port),
                connector.parameters().getFilled(sftp.username()),
                sftp.password() == null ? null : connector.parameters().getFilled(sftp.password()),
                sftp.keyFile() == null ? null : Path.of(connector.parameters().getFilled(sftp.keyFile())),
                sftp.keyPassword() == null
                        ? null
                        : connector.parameters().findFilled(sftp.keyPassword()).orElse(null),
                hostKey);
    }

    /** How long a file has to lie still. */
    Duration stable() {
        return stable;
    }

    /** The file if it is whole. */
    Optional<Ready> find(DropFolder drop, DropFolder.Entry entry, Instant now) {
        FileDropSettings.Complete complete = settings.complete();
        if (complete.suffix() != null) {
            return drop.findNote(entry.name() + complete.suffix())
                    .filter(note -> note.matches("\\d{1,12}"))
                    .map(note -> new Ready(entry, OptionalLong.of(Long.parseLong(note)), ""));
        }
        String checksum = complete.checksum();
        if (checksum != null) {
            return drop.findNote(entry.name() + checksum)
                    .flatMap(note -> Checksum.find(checksum, note))
                    .map(digits -> new Ready(entry, OptionalLong.empty(), digits));
        }
        Look look = looks.get(entry.name());
        if (look == null || !look.entry().equals(entry)) {
            looks.put(entry.name(), new Look(entry, now));
            return Optional.empty();
        }
        return look.since().plus(stable).isAfter(now)
                ? Optional.empty()
                : Optional.of(new Ready(entry, OptionalLong.empty(), ""));
    }

    /** What a file waits for that is not whole. */
    String waitsFor(String name) {
        FileDropSettings.Complete complete = settings.complete();
        if (complete.suffix() != null) {
            return name + " is there, its " + complete.suffix() + " with the number of rows is not";
        }
        return complete.checksum() != null
                ? name + " is there, its " + complete.checksum() + " with the checksum is not"
                : name + " is there and has not lain still for " + stable + " yet";
    }

    /** Whether the file is what its checksum says; true for one without. */
    boolean isIntact(Ready file, Path local, Runnable check) {
        String suffix = settings.complete().checksum();
        return suffix == null || Checksum.of(suffix, local, check).equals(file.checksum());
    }

    /** The file that has the rows. */
    Path plain(Path local, Runnable check) {
        return settings.entry() == null ? local : Archive.unpack(local, settings.entry(), work, check);
    }
}
