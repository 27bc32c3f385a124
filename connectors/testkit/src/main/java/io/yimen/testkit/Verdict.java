package io.yimen.testkit;

import java.util.Locale;

/**
 * How a check ended.
 *
 * @param reason why it failed or was left out; empty where it passed
 */
public record Verdict(String connector, Check check, Result result, String reason) {
    /** The three ends of a check. */
    public enum Result {
        PASSED,
        FAILED,
        /** Left out, with a reason. */
        BYPASSED;

        /** Name in reports. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public boolean isFailed() {
        return result == Result.FAILED;
    }
}
