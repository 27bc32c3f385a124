package io.yimen.hub.sheet;

/** A workbook that is not read: what is wrong with it and what to do. Holds no value. */
final class WorkbookFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WorkbookFault(String message) {
        super(message);
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
