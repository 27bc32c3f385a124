package io.yimen.simulators;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** How a system leaves a file for others: all of it under its name at once, then what says that it is whole. */
public final class Drops {
    private Drops() {}

    /** Leaves a file, or another one in its place; what announces it is called like it, with the suffix. */
    public static void leave(Path folder, String name, byte[] content, String suffix, String announcement)
            throws IOException {
        Path part = folder.resolve("." + name + ".part");
        Files.write(part, content);
        Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(folder.resolve(name + suffix), announcement);
    }

    /** A checksum in hexadecimal digits. */
    public static String digest(String algorithm, byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
