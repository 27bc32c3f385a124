package io.yimen.connectors.sheet;

/** A workbook that is not read: what is wrong with it and what to do. Holds no value. */
public final class WorkbookFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public WorkbookFault(String message) {
        super(message);
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
