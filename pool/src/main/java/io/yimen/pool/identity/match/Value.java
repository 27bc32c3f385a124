package io.yimen.pool.identity.match;

import java.util.Arrays;

/** A text as code points, in a buffer that is used again and again: the hot path allocates nothing. */
final class Value {
    int[] cp = new int[64];
    int length;

    static Value of(String text) {
        Value v = new Value();
        v.set(text);
        return v;
    }

    void set(String text) {
        length = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            append(c);
            i += Character.charCount(c);
        }
    }

    void append(int c) {
        if (length == cp.length) {
            cp = Arrays.copyOf(cp, length * 2);
        }
        cp[length++] = c;
    }

    /** Takes the first ones away. */
    void drop(int first) {
        length -= first;
        System.arraycopy(cp, first, cp, 0, length);
    }

    /** Whether the text stands here, before {@code end}; ASCII only. */
    boolean is(int at, int end, String text) {
        if (end - at < text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (cp[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Decimal digits of a number that is not negative. */
    void setNumber(int n) {
        int digits = 1;
        for (int m = n; m >= 10; m /= 10) {
            digits++;
        }
        length = digits;
        for (int i = digits - 1; i >= 0; i--) {
            cp[i] = '0' + n % 10;
            n /= 10;
        }
    }

    void setUtf8(byte[] bytes, int from, int to) {
        if (cp.length < to - from) {
            cp = new int[Integer.highestOneBit(to - from) * 2];
        }
        int n = 0;
        int i = from;
        while (i < to) {
            int b = bytes[i++];
            if (b >= 0) {
                cp[n++] = b;
            } else if ((b & 0xe0) == 0xc0) {
                cp[n++] = (b & 0x1f) << 6 | bytes[i++] & 0x3f;
            } else if ((b & 0xf0) == 0xe0) {
                cp[n++] = (b & 0x0f) << 12 | (bytes[i] & 0x3f) << 6 | bytes[i + 1] & 0x3f;
                i += 2;
            } else {
                cp[n++] = (b & 0x07) << 18 | (bytes[i] & 0x3f) << 12 | (bytes[i + 1] & 0x3f) << 6 | bytes[i + 2] & 0x3f;
                i += 3;
            }
        }
        length = n;
    }

    /** Writes the text into {@code bytes}, which have room for four for each code point; returns how many there are. */
    int utf8(byte[] bytes, int from) {
        int n = from;
        for (int i = 0; i < length; i++) {
            int c = cp[i];
            if (c < 0x80) {
                bytes[n++] = (byte) c;
            } else if (c < 0x800) {
                bytes[n++] = (byte) (0xc0 | c >> 6);
                bytes[n++] = (byte) (0x80 | c & 0x3f);
            } else {
                if (c < 0x10000) {
                    bytes[n++] = (byte) (0xe0 | c >> 12);
                } else {
                    bytes[n++] = (byte) (0xf0 | c >> 18);
                    bytes[n++] = (byte) (0x80 | c >> 12 & 0x3f);
                }
                bytes[n++] = (byte) (0x80 | c >> 6 & 0x3f);
                bytes[n++] = (byte) (0x80 | c & 0x3f);
            }
        }
        return n - from;
    }

    boolean isSame(Value other) {
        return length == other.length && Arrays.equals(cp, 0, length, other.cp, 0, length);
    }

    int indexOf(int c) {
        for (int i = 0; i < length; i++) {
            if (cp[i] == c) {
                return i;
            }
        }
        return -1;
    }

    String text() {
        return new String(cp, 0, length);
    }
}
