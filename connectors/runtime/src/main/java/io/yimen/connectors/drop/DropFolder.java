package io.yimen.connectors.drop;

import java.io.Closeable;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A folder that files are dropped into, for one look. What cannot be reached or read is told in a {@link
 * io.yimen.connectors.ConnectorException}. For one thread.
 */
public interface DropFolder extends Closeable {
    /** Longest text that is read of a file beside another one. */
    int LONGEST_NOTE = 4096;

    /** A file as the folder shows it. */
    record Entry(String name, long size, Instant modified) {}

    /** The files whose names fit, in the order of their names. */
    List<Entry> list(Pattern names);

    /** The text of a small file; empty if it is not there or is no text. */
    Optional<String> findNote(String name);

    /**
     * The file on this machine.
     *
     * @param check called between blocks; may throw to end the fetching, which goes on there the next time
     */
    Path fetch(Entry file, Runnable check);

    @Override
    void close();
}
