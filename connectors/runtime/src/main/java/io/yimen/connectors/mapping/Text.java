package io.yimen.connectors.mapping;

import java.text.Normalizer;

/** Cleaning of raw text, by code point, so that 䶮 and 𠮷 come through as they are. */
final class Text {
    private Text() {}

    /** Without white space and invisible marks at both ends; canonical composition; otherwise as sent. */
    static String trim(String raw) {
        int start = 0;
        int end = raw.length();
        while (start < end) {
            int c = raw.codePointAt(start);
            if (!isBlank(c)) {
                break;
            }
            start += Character.charCount(c);
        }
        while (end > start) {
            int c = raw.codePointBefore(end);
            if (!isBlank(c)) {
                break;
            }
            end -= Character.charCount(c);
        }
        String text = start == 0 && end == raw.length() ? raw : raw.substring(start, end);
        return isPlain(text) ? text : Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    /** As {@link #trim}, compatibility forms folded (full width to half width). */
    static String fold(String raw) {
        return isPlain(raw) ? raw : trim(Normalizer.normalize(raw, Normalizer.Form.NFKC));
    }

    /** As {@link #fold} without any white space. */
    static String compact(String raw) {
        String text = fold(raw);
        for (int i = 0; i < text.length(); i++) {
            if (isBlank(text.charAt(i))) {
                StringBuilder out = new StringBuilder(text.length());
                text.codePoints().filter(c -> !isBlank(c)).forEach(out::appendCodePoint);
                return out.toString();
            }
        }
        return text;
    }

    /** A name: folded; blanks next to an ideograph go, other runs of blanks become one space. */
    static String name(String raw) {
        String text = fold(raw);
        if (isPlain(text)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        int[] points = text.codePoints().toArray();
        for (int i = 0; i < points.length; i++) {
            int c = points[i];
            if (!isBlank(c)) {
                out.appendCodePoint(c);
                continue;
            }
            boolean afterIdeograph = i > 0 && Character.isIdeographic(points[i - 1]);
            int next = i + 1;
            while (next < points.length && isBlank(points[next])) {
                next++;
            }
            boolean beforeIdeograph = next < points.length && Character.isIdeographic(points[next]);
            if (!afterIdeograph && !beforeIdeograph && next < points.length && !isInvisible(c)) {
                out.append(' ');
            }
            i = next - 1;
        }
        return out.toString();
    }

    static boolean isBlank(int c) {
        return c <= ' ' || Character.isWhitespace(c) || Character.isSpaceChar(c) || isInvisible(c);
    }

    private static boolean isInvisible(int c) {
        return c == 0x200B || c == 0xFEFF || c == 0x200E || c == 0x200F || c == 0x2060;
    }

    /** Nothing but printable ASCII without blanks and common ideographs: most values, and nothing to do for them. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!(c > ' ' && c < 0x7F) && !(c >= 0x4E00 && c <= 0x9FFF)) {
                return false;
            }
        }
        return true;
    }
}
