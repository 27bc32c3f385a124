package io.yimen.simulators;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * A server's log file, to which every start appends; of it, what the latest start has written.
 *
 * @param file the file, whole
 * @param from where the latest start begins, in bytes
 */
public record ServerLog(Path file, long from) {
    private static final int LAST = 15;

    /** What will be written to {@code file} from now on. */
    public static ServerLog fromNow(Path file) {
        try {
            return new ServerLog(file, Files.exists(file) ? Files.size(file) : 0);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }

    /** The lines so far. */
    public List<String> lines() {
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(from);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            return List.of("(cannot be read: " + e.getMessage() + ")");
        }
    }

    /** The end of it for a person, without the frames of stack traces, with the file to look into for more. */
    public String lastWords() {
        List<String> words = lines().stream()
                .filter(line -> !line.startsWith("\tat ") && !line.startsWith("\t..."))
                .toList();
        return "The end of its log, " + file + ":\n"
                + String.join("\n", words.subList(Math.max(0, words.size() - LAST), words.size()));
    }
}
