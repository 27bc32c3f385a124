package io.yimen.pool.internal;

/**
 * Writes JSON straight into text, without a tree. The caller keeps keys and values in turn; commas and escapes are
 * taken care of.
 */
public final class JsonText {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final StringBuilder out = new StringBuilder(256);
    private final StringBuilder closers = new StringBuilder(8);
    private boolean first = true;

    public JsonText object() {
        return open('{', '}');
    }

    public JsonText array() {
        return open('[', ']');
    }

    /** Ends the innermost object or array. */
    public JsonText end() {
        int last = closers.length() - 1;
        out.append(closers.charAt(last));
        closers.setLength(last);
        first = false;
        return this;
    }

    public JsonText key(String name) {
        comma();
        quote(name);
        out.append(':');
        first = true;
        return this;
    }

    public JsonText string(String value) {
        comma();
        quote(value);
        return this;
    }

    public JsonText number(long value) {
        comma();
        out.append(value);
        return this;
    }

    public JsonText nothing() {
        comma();
        out.append("null");
        return this;
    }

    @Override
    public String toString() {
        return out.toString();
    }

    private JsonText open(char opener, char closer) {
        comma();
        out.append(opener);
        closers.append(closer);
        first = true;
        return this;
    }

    private void comma() {
        if (!first) {
            out.append(',');
        }
        first = false;
    }

    private void quote(String text) {
        out.append('"');
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c != '"' && c != '\\') {
                continue;
            }
            out.append(text, from, i).append('\\');
            from = i + 1;
            if (c == '"' || c == '\\') {
                out.append(c);
            } else {
                out.append("u00").append(HEX[c >> 4]).append(HEX[c & 15]);
            }
        }
        out.append(text, from, text.length()).append('"');
    }
}
