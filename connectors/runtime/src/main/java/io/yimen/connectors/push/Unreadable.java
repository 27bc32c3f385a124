package io.yimen.connectors.push;

/** A request that holds no events: nothing of it is kept, its sender is told. */
public final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;

    /** What is the matter with it. */
    public enum Kind {
        MEDIA_TYPE,
        BODY
    }

    private final Kind kind;

    Unreadable(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
