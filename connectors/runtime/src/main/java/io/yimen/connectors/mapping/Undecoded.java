package io.yimen.connectors.mapping;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Stands for a text whose bytes are none in its charset: a NUL, which no good value holds, then what the bytes should
 * have been and what they are. A record that needs such a value goes to quarantine, and so does the value.
 */
public final class Undecoded {
    private static final String MARK = "\0undecoded:";

    private Undecoded() {}

    /** The value that stands for these bytes. */
    public static String of(String charset, byte[] bytes) {
        return MARK + charset + ":" + HexFormat.of().formatHex(bytes);
    }

    /** The charset that the value's bytes do not fit; null if it is a value like any other. */
    static @Nullable String charsetOf(String value) {
        if (!value.startsWith(MARK)) {
            return null;
        }
        int colon = value.indexOf(':', MARK.length());
        return colon < 0 ? null : value.substring(MARK.length(), colon);
    }
}
