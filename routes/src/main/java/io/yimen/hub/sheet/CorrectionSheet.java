package io.yimen.hub.sheet;

import io.yimen.connectors.sheet.Cell;
import io.yimen.connectors.sheet.SheetReader;
import io.yimen.connectors.sheet.WorkbookFault;
import io.yimen.pool.correction.UploadRow;
import io.yimen.pool.correction.Uploads;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.FieldKind;
import io.yimen.pool.model.PoolModel;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The sheet of a ledger's records: a hidden row and two hidden columns tell the program what it is about, the rest is
 * for people. Columns are found by their names, wherever they were moved.
 */
final class CorrectionSheet {
    private static final String HEAD = "yimen/";
    private static final String RECORD_TITLE = "记录编号";

    private static final Map<String, String> OTHERS =
            Map.of("record", RECORD_TITLE, "version", "版本", "reason", "更正理由", "expires", "有效至");
    /** What is wrong, for those who mend a sheet. */
    private static final Map<String, String> FAULTS = Map.of(
            "unknown-record", "辖区内没有这条记录",
            "gone", "记录已合并或已终止，请重新下载模板",
            "stale", "下载模板以后这个值变过，请再看一眼",
            "overtaken", "上传以后这个值变过，请再看一眼",
            "twice", "这条记录在表里已有一行，请留一行",
            "no-reason", "没有写更正理由",
            "masked-value", "改动了隐去的内容：请写全，或恢复原样",
            "numeric-cell", "是数字格式，Excel 只保留 15 位：请设为文本后重新填写",
            "formula-cell", "是公式：请填写文本",
            "wrong-cell", "不是文本：请设为文本后重新填写");

    private final EntityType type;
    private final List<Field> fields;
    private final Map<String, Integer> columns;

    private CorrectionSheet(EntityType type, List<Field> fields, Map<String, Integer> columns) {
        this.type = type;
        this.fields = List.copyOf(fields);
        this.columns = Map.copyOf(columns);
    }

    /** Writes a sheet to fill in. */
    static final class Template {
        private final EntityType type;
        private final List<Field> fields;

        Template(EntityType type, List<Field> fields) {
            this.type = type;
            this.fields = List.copyOf(fields);
        }

        List<SheetWriter.Column> columns(boolean withFaults) {
            List<SheetWriter.Column> columns = new ArrayList<>();
            columns.add(new SheetWriter.Column(HEAD + type.ledger(), RECORD_TITLE, 0, false));
            columns.add(new SheetWriter.Column("version", "版本", 0, false));
            columns.add(new SheetWriter.Column("title", type.label().zh() + "（不改此列）", 22, false));
            for (Field field : fields) {
                columns.add(new SheetWriter.Column(field.name(), field.label().zh(), 18, true));
            }
            columns.add(new SheetWriter.Column("reason", "更正理由（改了就必填）", 26, true));
            columns.add(new SheetWriter.Column("expires", "有效至（可空，如 2026-12-31）", 18, true));
            if (withFaults) {
                columns.add(new SheetWriter.Column("faults", "问题", 60, false));
            }
            return columns;
        }

        static List<String> line(Uploads.Line line) {
            List<String> texts = new ArrayList<>();
            texts.add(Long.toString(line.id()));
            texts.add(Long.toString(line.version()));
            texts.add(line.title());
            texts.addAll(line.values());
            return texts;
        }

        List<String> mended(UploadRow row) {
            UploadRow.Entry entry = row.entry();
            List<String> texts = new ArrayList<>(List.of(entry.record(), entry.version(), entry.title()));
            texts.addAll(entry.values());
            texts.add(entry.reason());
            texts.add(entry.expires());
            texts.add(row.faults().stream()
                    .map(f -> (f.cell().isEmpty() ? label(f.column()) : f.cell()) + "："
                            + FAULTS.getOrDefault(f.code(), "值不对（" + f.message() + "）"))
                    .collect(Collectors.joining("；")));
            return texts;
        }

        private String label(String column) {
            return type.findField(column).map(f -> f.label().zh()).orElse(OTHERS.getOrDefault(column, column));
        }

        List<String> explanation() {
            List<String> lines = new ArrayList<>(List.of(
                    "怎样填这张表",
                    "1. 只改要更正的单元格，并在“更正理由”里写明怎么知道的；没有改的单元格不受影响。",
                    "2. 打了星号的是隐去的内容：不改就原样留着；要改就写全。",
                    "3. 清空一个单元格，意思是“应当没有”。",
                    "4. 所有单元格都是文本。身份证号、电话不要改成数字格式，不要写公式。",
                    "5. 不要改动隐藏的行和列；可以删去不需要的行、调整列的次序。",
                    "6. 一条记录只占一行；一次最多 " + Uploads.MOST_ROWS + " 行。",
                    "7. 上传后先看到每一行会改什么、哪里有错，确认后才生效。",
                    "",
                    "How to fill in this sheet: change only the cells to correct and say why in the reason column. A cell left"
                            + " as it is is not touched; one that is emptied says that there is nothing. Masked values stay"
                            + " as they are or are typed whole. All cells are text. Leave hidden rows and columns alone.",
                    ""));
            for (Field field : fields) {
                if (!field.values().isEmpty()) {
                    lines.add(field.label().zh() + "："
                            + String.join("、", field.values().values()));
                }
            }
            return lines;
        }
    }

    /**
     * Understands the first row of an uploaded sheet.
     *
     * @throws WorkbookFault if it is no sheet of ours
     */
    static CorrectionSheet of(SheetReader.@Nullable Row head, PoolModel model) {
        Map<String, Integer> columns = new HashMap<>();
        List<Field> fields = new ArrayList<>();
        Optional<EntityType> type = Optional.empty();
        if (head != null) {
            type = model.findLedger(head.text(0).startsWith(HEAD) ? head.text(0).substring(HEAD.length()) : "");
            for (int i = 1; i < head.cells().size(); i++) {
                String name = head.text(i).strip();
                if (!name.isEmpty() && columns.put(name, i) != null) {
                    throw new WorkbookFault("Column " + name + " stands twice: leave one of them");
                }
            }
        }
        if (type.isEmpty() || !columns.containsKey("version") || !columns.containsKey("reason")) {
            throw new WorkbookFault(
                    "The first row is not that of a template: get one from the ledger's page, fill it in and"
                            + " leave its hidden row and columns alone");
        }
        for (Field field : Uploads.columns(type.get())) {
            if (columns.containsKey(field.name())) {
                fields.add(field);
            }
        }
        return new CorrectionSheet(type.get(), fields, columns);
    }

    EntityType type() {
        return type;
    }

    List<String> fields() {
        return fields.stream().map(Field::name).toList();
    }

    /** The row as it was typed; empty for the titles of the columns. */
    Optional<UploadRow.Entry> entry(SheetReader.Row row) {
        if (row.text(0).equals(RECORD_TITLE)) {
            return Optional.empty();
        }
        List<UploadRow.Fault> faults = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (Field field : fields) {
            boolean number = field.kind() == FieldKind.INTEGER || field.kind() == FieldKind.DECIMAL;
            values.add(text(row, field.name(), number, faults));
        }
        return Optional.of(new UploadRow.Entry(
                row.number(),
                row.text(0).strip(),
                text(row, "version", true, faults).strip(),
                columns.containsKey("title") ? row.text(column("title")) : "",
                values,
                text(row, "reason", false, faults),
                columns.containsKey("expires") ? text(row, "expires", false, faults) : "",
                faults));
    }

    private int column(String name) {
        Integer column = columns.get(name);
        if (column == null) {
            throw new IllegalStateException("There is no column " + name);
        }
        return column;
    }

    private String text(SheetReader.Row row, String name, boolean number, List<UploadRow.Fault> faults) {
        int column = column(name);
        Cell cell = row.cell(column);
        String at = Cell.name(column, row.number());
        switch (cell.kind()) {
            case TEXT -> {}
            case NUMBER -> {
                if (number && cell.text().matches("-?[0-9]{1,15}(\\.[0-9]{1,15})?(E-?[0-9]{1,2})?")) {
                    return new BigDecimal(cell.text()).stripTrailingZeros().toPlainString();
                }
                faults.add(new UploadRow.Fault(
                        name,
                        at,
                        "numeric-cell",
                        at
                                + " holds a number, of which Excel keeps 15 digits and which may be a date: format the cell as"
                                + " text and type it again"));
            }
            case FORMULA ->
                faults.add(new UploadRow.Fault(
                        name, at, "formula-cell", at + " holds a formula: type what it comes to as text"));
            case OTHER ->
                faults.add(new UploadRow.Fault(
                        name, at, "wrong-cell", at + " holds a date, a truth value or an error: type it as text"));
        }
        return Cell.plain(cell.text());
    }

    /** Writes all lines of a ledger. */
    interface Lines {
        /** The next ones after the last of those before. */
        List<Uploads.Line> after(Uploads.@Nullable Line last);
    }

    static void write(SheetWriter to, Lines lines) throws IOException {
        Uploads.Line last = null;
        for (List<Uploads.Line> page = lines.after(last); !page.isEmpty(); page = lines.after(last)) {
            for (Uploads.Line line : page) {
                to.row(Template.line(line));
                last = line;
            }
        }
    }
}
