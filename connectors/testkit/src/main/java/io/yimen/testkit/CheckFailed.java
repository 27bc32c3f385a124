package io.yimen.testkit;

/** A check did not hold; the message says what was found. Holds no personal data but the kit's own probes. */
final class CheckFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CheckFailed(String message) {
        super(message, null, false, false);
    }

    static void unless(boolean holds, String message) {
        if (!holds) {
            throw new CheckFailed(message);
        }
    }
}
