package io.yimen.connectors.sheet;

/**
 * A cell as a workbook has it.
 *
 * @param text as it stands in the file; of a formula its last result
 */
public record Cell(String text, Kind kind) {
    public static final Cell EMPTY = new Cell("", Kind.TEXT);
    private static final String BEFORE_FORMULAS = "=+-@\t\r";

    /** What a cell holds. */
    public enum Kind {
        TEXT,
        NUMBER,
        FORMULA,
        /** A truth value, a date or an error. */
        OTHER
    }

    /** Text that no program takes for a formula, wherever the cell is carried to. */
    public static String neutral(String text) {
        return isFormulaLike(text) ? "'" + text : text;
    }

    /** Text as it was before {@link #neutral}. */
    public static String plain(String text) {
        return text.startsWith("'") && isFormulaLike(text.substring(1)) ? text.substring(1) : text;
    }

    private static boolean isFormulaLike(String text) {
        int i = 0;
        while (i < text.length() && text.charAt(i) == '\'') {
            i++;
        }
        return i < text.length() && BEFORE_FORMULAS.indexOf(text.charAt(i)) >= 0;
    }

    /** How people call a cell, such as C5; columns from 0, rows from 1. */
    public static String name(int column, int row) {
        StringBuilder letters = new StringBuilder();
        for (int left = column + 1; left > 0; left = (left - 1) / 26) {
            letters.insert(0, (char) ('A' + (left - 1) % 26));
        }
        return letters.append(row).toString();
    }

    @Override
    public String toString() {
        return kind + " cell";
    }
}
