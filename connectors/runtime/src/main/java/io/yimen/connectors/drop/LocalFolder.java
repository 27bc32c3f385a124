package io.yimen.connectors.drop;

import io.yimen.connectors.ConnectorException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A folder of this machine. */
public final class LocalFolder implements DropFolder {
    private final String connector;
    private final Path folder;

    public LocalFolder(String connector, Path folder) {
        this.connector = connector;
        this.folder = folder;
    }

    @Override
    public List<Entry> list(Pattern names) {
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(
                            f -> names.matcher(f.getFileName().toString()).matches())
                    .map(LocalFolder::entry)
                    .flatMap(Optional::stream)
                    .sorted(Comparator.comparing(Entry::name))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw unreadable(connector, e.getClass().getSimpleName(), e);
        }
    }

    static ConnectorException unreadable(String connector, String why, @Nullable Throwable cause) {
        return new ConnectorException(
                ConnectorException.Kind.UNREACHABLE,
                "folder",
                "the folder of " + connector + " cannot be read: " + why + "; check its parameter folder",
                cause);
    }

    private static Optional<Entry> entry(Path file) {
        try {
            // A link may lead to what whoever drops files must not see.
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile()
                    ? Optional.of(new Entry(
                            file.getFileName().toString(),
                            attributes.size(),
                            attributes.lastModifiedTime().toInstant()))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<String> findNote(String name) {
        try (InputStream in = Files.newInputStream(folder.resolve(name))) {
            return text(in.readNBytes(LONGEST_NOTE));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new ConnectorException(ConnectorException.Kind.UNREACHABLE, "file", name + " cannot be read", e);
        }
    }

    static Optional<String> text(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
                    .strip());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    @Override
    public Path fetch(Entry file, Runnable check) {
        return folder.resolve(file.name());
    }

    @Override
    public void close() {
        // nothing is open between two calls
    }
}
