package io.yimen.pool.identity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Test vectors: the first columns of a CSV file whose later ones may be quoted. */
final class Vectors {
    private Vectors() {}

    static List<String[]> read(String file) {
        try (InputStream in = Objects.requireNonNull(Vectors.class.getResourceAsStream(file), file)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().skip(1).map(line -> line.split(",", -1)).toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
