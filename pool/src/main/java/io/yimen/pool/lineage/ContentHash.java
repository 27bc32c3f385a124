package io.yimen.pool.lineage;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.internal.Fingerprint;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.survivorship.Golden;
import io.yimen.pool.survivorship.Rule;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;

/**
 * Digests of what the pool publishes, independent of ids and of order. An entity's digest has two halves: what is
 * published, and where it comes from; references are added when the whole is summed, by the first source record of
 * their target.
 */
public final class ContentHash {
    private final Fingerprint fingerprint = new Fingerprint();
    private final byte[] sum = new byte[32];
    private long entities;

    /** The digest of one golden record, its references aside: 16 bytes of content, 16 bytes of provenance. */
    public static byte[] of(Golden golden) {
        Fingerprint fingerprint = new Fingerprint();
        EntityType type = golden.type();
        fingerprint.add(type.name());
        for (int i = 0; i < type.fields().size(); i++) {
            String value = golden.value(i);
            if (value == null || type.fields().get(i).isReference()) {
                continue;
            }
            fingerprint.add(type.fields().get(i).name()).add(value);
            golden.flags(i).forEach(flag -> fingerprint.add(-2).add(flag));
        }
        byte[] both = Arrays.copyOf(fingerprint.brief(), 2 * Fingerprint.SHORT);
        for (Claim claim : golden.claims()) {
            fingerprint.add(claim.ref().path());
        }
        // Mostly one record wins field after field.
        Claim last = null;
        String path = "";
        for (int i = 0; i < type.fields().size(); i++) {
            Claim winner = golden.winner(i);
            Rule rule = golden.rule(i);
            if (winner != null && rule != null) {
                if (winner != last) {
                    last = winner;
                    path = winner.ref().path();
                }
                fingerprint.add(type.fields().get(i).name()).add(path).add(rule.wireName());
                if (type.fields().get(i).isReference()) {
                    fingerprint.add(winner.value(i));
                }
            }
        }
        System.arraycopy(fingerprint.brief(), 0, both, Fingerprint.SHORT, Fingerprint.SHORT);
        return both;
    }

    /** Whether two digests of {@link #of} agree in what is published. */
    public static boolean samePublished(byte[] a, byte[] b) {
        return Arrays.equals(a, 0, Fingerprint.SHORT, b, 0, Fingerprint.SHORT);
    }

    /**
     * Adds an entity to the whole.
     *
     * @param references field → first source record of the target; unresolved ones are left out
     */
    public void add(String anchor, byte[] digest, SortedMap<String, String> references) {
        fingerprint.add(anchor).add(digest);
        for (Map.Entry<String, String> reference : references.entrySet()) {
            fingerprint.add(reference.getKey()).add(reference.getValue());
        }
        byte[] one = fingerprint.full();
        int carry = 0;
        for (int i = sum.length - 1; i >= 0; i--) {
            int digit = (sum[i] & 0xff) + (one[i] & 0xff) + carry;
            sum[i] = (byte) digit;
            carry = digit >>> 8;
        }
        entities++;
    }

    /** The digest of all that was added, in whatever order. */
    public String hex() {
        return HexFormat.of()
                .formatHex(fingerprint.add(Long.toString(entities)).add(sum).full());
    }
}
