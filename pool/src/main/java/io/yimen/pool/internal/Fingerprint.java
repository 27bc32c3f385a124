package io.yimen.pool.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** SHA-256 over a sequence of texts, each with its length before it so that no two sequences look alike. */
public final class Fingerprint {
    /** Length of the short form. */
    public static final int SHORT = 16;

    private final MessageDigest sha;

    public Fingerprint() {
        try {
            this.sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }

    public Fingerprint add(int number) {
        sha.update((byte) (number >>> 24));
        sha.update((byte) (number >>> 16));
        sha.update((byte) (number >>> 8));
        sha.update((byte) number);
        return this;
    }

    /** Null differs from the empty text. */
    public Fingerprint add(@Nullable String text) {
        if (text == null) {
            return add(-1);
        }
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    public Fingerprint add(byte[] bytes) {
        add(bytes.length);
        sha.update(bytes);
        return this;
    }

    /** Ends it; the next one begins. */
    public byte[] full() {
        return sha.digest();
    }

    /** The first half of {@link #full}, enough to tell contents apart. */
    public byte[] brief() {
        return Arrays.copyOf(sha.digest(), SHORT);
    }
}
