package io.yimen.connectors.drop;

import io.yimen.connectors.ConnectorException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Checksums as they stand in a file beside a file: the digits alone, or before a name. */
public final class Checksum {
    private static final Map<String, String> ALGORITHMS = Map.of(".md5", "MD5", ".sha1", "SHA-1", ".sha256", "SHA-256");

    private Checksum() {}

    /** The digits that a note tells; empty if it is not written to its end. */
    public static Optional<String> find(String suffix, String note) {
        String digits = note.split("\\s", 2)[0].toLowerCase(Locale.ROOT);
        int length = 2 * digest(suffix).getDigestLength();
        return digits.length() == length && digits.matches("[0-9a-f]+") ? Optional.of(digits) : Optional.empty();
    }

    /** The digits of a file. */
    public static String of(String suffix, Path file, Runnable check) {
        MessageDigest digest = digest(suffix);
        byte[] block = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                check.run();
                digest.update(block, 0, n);
            }
        } catch (IOException e) {
            throw new ConnectorException(
                    ConnectorException.Kind.UNREACHABLE, "file", file.getFileName() + " cannot be read", e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest(String suffix) {
        try {
            return MessageDigest.getInstance(ALGORITHMS.getOrDefault(suffix, "SHA-256"));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has it", e);
        }
    }
}
