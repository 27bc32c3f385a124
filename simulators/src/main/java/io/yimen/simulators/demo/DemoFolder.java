package io.yimen.simulators.demo;

import io.yimen.simulators.EmbeddedBroker;
import io.yimen.simulators.EmbeddedDatabase;
import io.yimen.simulators.EmbeddedMariaDb;
import io.yimen.simulators.FreePorts;
import io.yimen.simulators.ProcessMark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one demo, held by one process at a time. The operating system lets go of the lock when its holder is
 * killed; what the holder had started is then ended here.
 */
final class DemoFolder implements AutoCloseable {
    private static final String MARKER = "yimen-demo";
    private static final String LOCK = "lock";

    private final Path path;
    private final FileChannel channel;
    private final FileLock lock;

    private DemoFolder(Path path, FileChannel channel, FileLock lock) {
        this.path = path;
        this.channel = channel;
        this.lock = lock;
    }

    /** Takes the folder, creates it the first time, empties it if {@code fresh}. */
    static DemoFolder open(Path path, boolean fresh) {
        try {
            boolean ours = Files.exists(path.resolve(MARKER));
            if (!ours && Files.exists(path) && !isEmpty(path)) {
                throw new DemoException(path + " holds something else: name an empty or a new folder with --data");
            }
            if (!Files.exists(path)) {
                Files.createDirectories(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            Files.writeString(path.resolve(MARKER), "A demo of Yimen lives here; --fresh deletes all of it.\n");
            FileChannel channel =
                    FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                String holder = ProcessMark.read(path.resolve("holder"))
                        .map(mark -> " (process " + mark.pid() + ")")
                        .orElse("");
                throw new DemoException("Another demo runs on " + path + holder
                        + ": stop it, or start this one elsewhere with --data DIR");
            }
            ProcessMark.ofThisProcess().write(path.resolve("holder"));
            DemoFolder folder = new DemoFolder(path, channel, lock);
            folder.endLeftOvers();
            if (fresh) {
                folder.empty();
            }
            return folder;
        } catch (IOException e) {
            throw new DemoException("Cannot use the folder " + path + ": " + e.getMessage(), e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static boolean isEmpty(Path path) throws IOException {
        try (Stream<Path> entries = Files.list(path)) {
            return entries.findAny().isEmpty();
        }
    }

    private void endLeftOvers() {
        ProcessMark.read(hubMark())
                .flatMap(ProcessMark::findAlive)
                .ifPresent(hub -> ProcessMark.end(hub, Duration.ofSeconds(15)));
        EmbeddedBroker.stopLeftOver(path.resolve("kafka"));
        EmbeddedDatabase.stopLeftOver(path.resolve("election"));
        EmbeddedMariaDb.stopLeftOver(path.resolve("community"));
        EmbeddedDatabase.stopLeftOver(path.resolve("pool"));
    }

    private void empty() throws IOException {
        try (Stream<Path> all = Files.walk(path)) {
            for (Path entry : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
                String name = entry.getFileName().toString();
                boolean kept = entry.equals(path)
                        || (path.equals(entry.getParent())
                                && (name.equals(MARKER) || name.equals(LOCK) || name.equals("holder")));
                if (!kept) {
                    Files.delete(entry);
                }
            }
        }
    }

    Path path() {
        return path;
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    /** Where the hub's process is remembered. */
    Path hubMark() {
        return path.resolve("hub").resolve("pid");
    }

    /** The common password of the demo's accounts: made up once for the folder. */
    String accountPassword() {
        return "yimen-" + EmbeddedDatabase.secret(path, "account-password").substring(0, 8);
    }

    /** The port that was used last, if it is free, so that a bookmark of the portal holds; another one otherwise. */
    int port(String name) {
        Path file = path.resolve("hub").resolve(name);
        try {
            Files.createDirectories(path.resolve("hub"));
            String text = Files.exists(file)
                    ? Files.readString(file, StandardCharsets.UTF_8).strip()
                    : "";
            int last = text.matches("[0-9]{4,5}") ? Integer.parseInt(text) : 0;
            int port = last != 0 && FreePorts.isFree(last) ? last : FreePorts.find();
            Files.writeString(file, port + "\n", StandardCharsets.UTF_8);
            return port;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot remember a port in " + file, e);
        }
    }

    /** Lets go of the folder. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(path.resolve("holder"));
            lock.release();
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
