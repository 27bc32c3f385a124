package io.yimen.pool;

/** The pool's one exception. Its kind decides what the caller does; its message holds no personal data. */
public final class PoolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What the caller does about it. */
    public enum Kind {
        /** The pool cannot be reached or a transaction was chosen to fail: try the same again. */
        RETRY,
        /** The caller's request or batch is wrong: do not try again. */
        INVALID,
        /** Named thing does not exist, or lies outside the scope. */
        NOT_FOUND,
        /** Based on an outdated version. */
        CONFLICT,
        /** More would be retired than the stream allows: a person decides. */
        BRAKE,
        /** Configuration is wrong: stop. */
        CONFIGURATION
    }

    private final Kind kind;

    public PoolException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public PoolException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
