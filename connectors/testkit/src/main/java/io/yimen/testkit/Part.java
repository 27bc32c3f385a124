package io.yimen.testkit;

/**
 * A part of a fixture that not every system has. One that is not there is left out with the reason, which the report
 * shows.
 */
public sealed interface Part<T> {
    /** The part. */
    record Given<T>(T value) implements Part<T> {}

    /** Why there is none, as a sentence for the reader of the report. */
    record Absent<T>(String reason) implements Part<T> {
        public Absent {
            if (reason.isBlank()) {
                throw new IllegalArgumentException("what is left out has a reason");
            }
        }
    }

    static <T> Part<T> of(T value) {
        return new Given<>(value);
    }

    static <T> Part<T> without(String reason) {
        return new Absent<>(reason);
    }
}
