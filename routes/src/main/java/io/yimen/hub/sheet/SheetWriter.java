package io.yimen.hub.sheet;

import io.yimen.connectors.sheet.Cell;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;

/**
 * Writes a workbook row by row; it holds a few rows at a time. All cells are text, formatted as such, so that what is
 * typed over them stays text, and none is a formula. For one thread.
 */
final class SheetWriter implements Closeable {
    private static final int ROWS_HELD = 200;
    private static final String TEXT = "@";

    private final Workbook workbook;
    private final Worksheet sheet;
    private final List<Column> columns;
    private int row = 2;

    /**
     * A column.
     *
     * @param name by which it is found again; stands in a hidden row
     * @param title for people
     * @param width in characters; 0: hidden
     * @param typed whether something is typed into it
     */
    record Column(String name, String title, int width, boolean typed) {}

    /** @param name of the sheet */
    SheetWriter(OutputStream out, String name, List<Column> columns) {
        this.workbook = new Workbook(out, "Yimen", "1.0");
        this.sheet = workbook.newWorksheet(name);
        this.columns = List.copyOf(columns);
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            sheet.inlineString(0, i, column.name);
            sheet.inlineString(1, i, column.title);
            sheet.style(1, i)
                    .bold()
                    .fillColor(column.typed ? "DCEBEE" : "EEF1F2")
                    .wrapText(true)
                    .set();
            if (column.width == 0) {
                sheet.hideColumn(i);
            } else {
                sheet.width(i, column.width);
            }
        }
        sheet.hideRow(0);
        sheet.freezePane(0, 2);
    }

    /** The next row. */
    void row(List<String> texts) throws IOException {
        for (int i = 0; i < columns.size(); i++) {
            String text = i < texts.size() ? texts.get(i) : "";
            sheet.inlineString(row, i, Cell.neutral(text));
            sheet.style(row, i).format(TEXT).set();
        }
        if (++row % ROWS_HELD == 0) {
            sheet.flush();
        }
    }

    /** Ends the workbook with a sheet that explains it. */
    void explain(String name, List<String> lines) throws IOException {
        sheet.finish();
        Worksheet notes = workbook.newWorksheet(name);
        notes.width(0, 110);
        for (int i = 0; i < lines.size(); i++) {
            notes.inlineString(i, 0, Cell.neutral(lines.get(i)));
            notes.style(i, 0).wrapText(true).set();
        }
        notes.finish();
    }

    @Override
    public void close() throws IOException {
        workbook.finish();
    }
}
