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

    // Digests are made whole, of what was gathered: between two calls of it nothing is in it.
    private static final ThreadLocal<MessageDigest> SHA = ThreadLocal.withInitial(Fingerprint::sha);

    private byte[] gathered = new byte[512];
    private int length;

    public Fingerprint add(int number) {
        byte[] into = room(4);
        into[length] = (byte) (number >>> 24);
        into[length + 1] = (byte) (number >>> 16);
        into[length + 2] = (byte) (number >>> 8);
        into[length + 3] = (byte) number;
        length += 4;
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
        System.arraycopy(bytes, 0, room(bytes.length), length, bytes.length);
        length += bytes.length;
        return this;
    }

    /** Ends it; the next one begins. */
    public byte[] full() {
        MessageDigest sha = SHA.get();
        sha.update(gathered, 0, length);
        length = 0;
        return sha.digest();
    }

    /** The first half of {@link #full}, enough to tell contents apart. */
    public byte[] brief() {
        return Arrays.copyOf(full(), SHORT);
    }

    private byte[] room(int bytes) {
        if (length + bytes > gathered.length) {
            gathered = Arrays.copyOf(gathered, Math.max(length + bytes, 2 * gathered.length));
        }
        return gathered;
    }

    private static MessageDigest sha() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }
}
