package io.yimen.connectors.mapping;

/** A raw value that a function cannot take. Carries no stack: it is an answer, thrown for each bad record. */
final class Unfit extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final String column;
    private final String message;

    /**
     * @param reason stable code
     * @param message what is wrong, without the value
     */
    Unfit(String reason, String column, String message) {
        super(message, null, false, false);
        this.reason = reason;
        this.column = column;
        this.message = message;
    }

    String message() {
        return message;
    }

    String reason() {
        return reason;
    }

    String column() {
        return column;
    }
}
