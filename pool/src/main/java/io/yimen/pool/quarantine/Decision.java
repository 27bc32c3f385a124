package io.yimen.pool.quarantine;

import io.yimen.pool.PoolException;

/**
 * Who replays or discards, and why; stays with each record and in the audit.
 *
 * @param actor login, or the command that was called on the hub's machine
 * @param why 2 to 300 characters
 */
public record Decision(String actor, String why) {
    private static final int LONGEST = 300;

    public Decision {
        why = why.strip();
        if (why.length() < 2 || why.length() > LONGEST || !isStorable(why)) {
            throw new PoolException(
                    PoolException.Kind.INVALID, "Say why, in 2 to " + LONGEST + " characters that can be written");
        }
    }

    private static boolean isStorable(String text) {
        return text.codePoints().noneMatch(c -> c == 0 || (c >= 0xD800 && c <= 0xDFFF));
    }
}
