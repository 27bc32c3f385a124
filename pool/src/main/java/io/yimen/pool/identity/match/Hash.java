package io.yimen.pool.identity.match;

/** Mixing of 64-bit numbers; stable for ever, since models and seeds rest on it. */
final class Hash {
    private Hash() {}

    static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    static long combine(long a, long b) {
        return mix(a * 0x9e3779b97f4a7c15L + b);
    }

    static long of(int[] cp, int from, int to) {
        long h = 0xcbf29ce484222325L;
        for (int i = from; i < to; i++) {
            h = (h ^ cp[i]) * 0x100000001b3L;
        }
        return mix(h + to - from);
    }

    static long of(String text) {
        return of(text, "", "");
    }

    /** The hash of a text that is given in parts. */
    static long of(String first, String second, String third) {
        long h = add(add(add(0xcbf29ce484222325L, first), second), third);
        return mix(h + codePoints(first) + codePoints(second) + codePoints(third));
    }

    private static long add(long hash, String text) {
        long h = hash;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            h = (h ^ c) * 0x100000001b3L;
            i += Character.charCount(c);
        }
        return h;
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }
}
