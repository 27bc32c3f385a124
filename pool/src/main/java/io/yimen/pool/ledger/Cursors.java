package io.yimen.pool.ledger;

import io.yimen.pool.PoolException;
import io.yimen.pool.seal.Vault;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Cursors say where a page ended and of which question. They are sealed: a sort key may be somebody's name, and cursors
 * travel in addresses; and one that was not made here is recognised.
 */
public final class Cursors {
    private static final String HEAD = "yimen-cursor";

    private final Vault vault;

    public Cursors(Vault vault) {
        this.vault = vault;
    }

    /** What makes a question the same. */
    public static String question(@Nullable Object... parts) {
        String text = Arrays.stream(parts)
                .map(part -> {
                    String shown = String.valueOf(part);
                    return shown.length() + ":" + shown;
                })
                .collect(Collectors.joining(","));
        try {
            byte[] full = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(Arrays.copyOf(full, 12));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256", e);
        }
    }

    /** A cursor for the page that follows. */
    public String write(String question, String... keys) {
        String text = HEAD + "\n" + question + "\n" + String.join("\n", keys);
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(vault.seal(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * @param count how many keys there are; only the last may hold line breaks
     * @throws PoolException {@code INVALID}
     */
    public List<String> read(String cursor, String question, int count) {
        String text;
        try {
            text = new String(vault.open(Base64.getUrlDecoder().decode(cursor)), StandardCharsets.UTF_8);
        } catch (PoolException | IllegalArgumentException e) {
            throw wrong();
        }
        String[] parts = text.split("\n", count + 2);
        if (parts.length != count + 2 || !parts[0].equals(HEAD) || !parts[1].equals(question)) {
            throw wrong();
        }
        return List.of(parts).subList(2, parts.length);
    }

    private static PoolException wrong() {
        return new PoolException(
                PoolException.Kind.INVALID, "The cursor is not one of this question: begin again without a cursor");
    }
}
