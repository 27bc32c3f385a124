package io.yimen.connectors;

import org.jspecify.annotations.Nullable;

/** The connectors' one exception. Its kind decides what the run does; its message holds no personal data. */
public final class ConnectorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What the run does about it. */
    public enum Kind {
        /** The source cannot be reached or is overloaded: back off and resume at the committed offset. */
        UNREACHABLE,
        /** The source answers, but not what the manifest declares: the run fails, the next resumes at the offset. */
        UNEXPECTED,
        /** What was read before cannot be trusted to be complete: read the whole source again. */
        REREAD,
        /** Manifest or configuration is wrong: stop. */
        CONFIGURATION,
        /** Somebody asked the run to stop. */
        STOPPED
    }

    private final Kind kind;
    private final String code;

    /**
     * @param code stable, lower-case with dashes, e.g. {@code missing-column}
     * @param message what failed, which object, what to do
     */
    public ConnectorException(Kind kind, String code, String message) {
        this(kind, code, message, null);
    }

    public ConnectorException(Kind kind, String code, String message, @Nullable Throwable cause) {
        super(code + ": " + message, cause);
        this.kind = kind;
        this.code = code;
    }

    public Kind kind() {
        return kind;
    }

    public String code() {
        return code;
    }
}
