package io.yimen.connectors.drop;

import io.yimen.connectors.ConnectorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The folder of this machine where a connector keeps what it fetches and unpacks, for its owner's eyes only. It may be
 * emptied whenever the connector does not run. Nothing is written before it is needed.
 */
public final class Work {
    /** What is left of a disk to others. */
    private static final long LEFT = 256L << 20;

    private final Path folder;

    public Work(Path folder) {
        this.folder = folder.toAbsolutePath();
    }

    /** A place for a file. */
    Path place(String name) {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        } catch (IOException e) {
            throw full(e);
        }
        return folder.resolve(name);
    }

    /** Removes all but these files. */
    void keepOnly(Set<String> names) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> children = Files.list(folder)) {
            List<Path> others = children.filter(
                            c -> !names.contains(c.getFileName().toString()))
                    .toList();
            for (Path other : others) {
                Files.deleteIfExists(other);
            }
        } catch (IOException e) {
            throw full(e);
        }
    }

    /** Makes sure that there is room for this much, with some to spare. */
    void makeSure(long bytes) throws IOException {
        if (Files.getFileStore(folder).getUsableSpace() - LEFT < bytes) {
            throw full(new IOException("no room for " + bytes + " bytes"));
        }
    }

    ConnectorException full(IOException e) {
        return new ConnectorException(
                ConnectorException.Kind.UNREACHABLE,
                "work-folder",
                "nothing can be written into the work folder " + folder + "; is its disk full? Make room, or set"
                        + " settings.work to another folder",
                e);
    }
}
