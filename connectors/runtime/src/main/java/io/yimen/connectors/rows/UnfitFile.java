package io.yimen.connectors.rows;

/** A file that cannot be taken as a whole: it goes to quarantine and the next one is read. */
public final class UnfitFile extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String reason;

    /**
     * @param reason stable code
     * @param message what is wrong and what to do, without values; to be read after the file's name
     */
    public UnfitFile(String reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
