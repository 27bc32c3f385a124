package io.yimen.connectors.manifest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Where a secret stands: {@code env:NAME} for a variable of the environment, {@code file:/path} for the first line of a
 * file. Anything else is the secret itself. It is looked up anew for every session, so that a file may be replaced.
 */
final class SecretReference {
    private static final String ENVIRONMENT = "env:";
    private static final String FILE = "file:";

    private SecretReference() {}

    /** @throws IllegalArgumentException if it leads nowhere; the message names the reference only */
    static String value(String given) {
        if (given.startsWith(ENVIRONMENT)) {
            String name = given.substring(ENVIRONMENT.length());
            String value = System.getenv(name);
            if (value == null || value.isEmpty()) {
                throw new IllegalArgumentException("refers to " + given + ", which is not set; set the variable");
            }
            return value;
        }
        if (!given.startsWith(FILE)) {
            return given;
        }
        try {
            String line = Files.readString(Path.of(given.substring(FILE.length())))
                    .lines()
                    .findFirst()
                    .orElse("")
                    .strip();
            if (!line.isEmpty()) {
                return line;
            }
        } catch (IOException | InvalidPathException e) {
            // said below, with the reference
        }
        throw new IllegalArgumentException(
                "refers to " + given + ", which cannot be read or is empty; its first line is to be the secret");
    }
}
