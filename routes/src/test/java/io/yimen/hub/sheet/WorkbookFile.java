package io.yimen.hub.sheet;

import io.yimen.connectors.sheet.Cell;
import io.yimen.connectors.sheet.SheetReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Workbooks put together by hand, such as no honest program writes, and workbooks read back. */
public final class WorkbookFile {
    private static final String MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private static final String RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    private WorkbookFile() {}

    /** The parts of a workbook with this sheet, each of which a test may replace. */
    static Map<String, String> of(String rows) {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put(
                "xl/workbook.xml",
                "<workbook xmlns='" + MAIN + "' xmlns:r='" + RELATION
                        + "'><sheets><sheet name='a' sheetId='1' r:id='rId1'/></sheets></workbook>");
        parts.put(
                "xl/_rels/workbook.xml.rels",
                "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
                        + "<Relationship Id='rId1' Type='" + RELATION + "/worksheet' Target='worksheets/sheet1.xml'/>"
                        + "<Relationship Id='rId2' Type='" + RELATION + "/sharedStrings' Target='sharedStrings.xml'/>"
                        + "</Relationships>");
        parts.put(
                "xl/sharedStrings.xml",
                "<sst xmlns='" + MAIN + "'><si><t>甲</t></si>"
                        + "<si><r><t>乙</t></r><r><t xml:space='preserve'> 丙</t></r><rPh><t>yi</t></rPh></si></sst>");
        parts.put(
                "xl/worksheets/sheet1.xml",
                "<worksheet xmlns='" + MAIN + "'><sheetData>" + rows + "</sheetData></worksheet>");
        return parts;
    }

    static byte[] zip(Map<String, String> parts) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, String> part : parts.entrySet()) {
                zip.putNextEntry(new ZipEntry(part.getKey()));
                zip.write(part.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    /** A workbook of one sheet. */
    public static byte[] workbook(String rows) throws IOException {
        return zip(of(rows));
    }

    /** A row of texts. */
    public static String row(int number, List<String> texts) {
        StringBuilder row = new StringBuilder("<row r='" + number + "'>");
        for (int i = 0; i < texts.size(); i++) {
            row.append("<c r='")
                    .append(Cell.name(i, number))
                    .append("' t='inlineStr'><is><t>")
                    .append(texts.get(i).replace("&", "&amp;").replace("<", "&lt;"))
                    .append("</t></is></c>");
        }
        return row.append("</row>").toString();
    }

    /** The texts of a workbook's first sheet, row by row, as they stand in the file. */
    public static List<List<String>> read(InputStream workbook) throws IOException {
        Path file = Files.createTempFile("read", ".xlsx");
        Files.write(file, workbook.readAllBytes());
        List<List<String>> rows = new ArrayList<>();
        try (SheetReader reader = SheetReader.take(file, 200_000)) {
            for (SheetReader.Row row = reader.next(); row != null; row = reader.next()) {
                rows.add(row.cells().stream().map(Cell::text).toList());
            }
        }
        return rows;
    }

    /** Takes in a row. */
    public interface Rows {
        void row(int number, List<String> texts) throws IOException;
    }

    /** Tells every row of a workbook that is too large to hold; the file is gone afterwards. */
    public static void forEachRow(Path file, Rows rows) throws IOException {
        try (SheetReader reader = SheetReader.take(file, 200_000)) {
            for (SheetReader.Row row = reader.next(); row != null; row = reader.next()) {
                rows.row(row.number(), row.cells().stream().map(Cell::text).toList());
            }
        }
    }

    /** A workbook whose rows stand in a file. */
    public static void write(Path workbook, Path rows) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(workbook))) {
            for (Map.Entry<String, String> part : of("").entrySet()) {
                zip.putNextEntry(new ZipEntry(part.getKey()));
                int cut = part.getValue().indexOf("</sheetData>");
                zip.write(part.getValue().substring(0, Math.max(0, cut)).getBytes(StandardCharsets.UTF_8));
                if (cut >= 0) {
                    Files.copy(rows, zip);
                }
                zip.write(part.getValue().substring(Math.max(0, cut)).getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
