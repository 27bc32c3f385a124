package io.yimen.hub.sheet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.yimen.connectors.sheet.Cell;
import io.yimen.connectors.sheet.SheetReader;
import io.yimen.connectors.sheet.WorkbookFault;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Workbooks from strangers: what they say is read, what they try is refused. */
class SheetReaderIT {
    @TempDir
    private Path folder;

    private List<SheetReader.Row> read(byte[] workbook, int most) throws IOException {
        Path file = Files.write(folder.resolve("a.xlsx"), workbook);
        List<SheetReader.Row> rows = new ArrayList<>();
        try (SheetReader reader = SheetReader.take(file, most)) {
            assertThat(file).as("removed as soon as it is open").doesNotExist();
            for (SheetReader.Row row = reader.next(); row != null; row = reader.next()) {
                rows.add(row);
            }
        } finally {
            assertThat(file).doesNotExist();
        }
        return rows;
    }

    @Test
    void readsWhatSpreadsheetProgramsWrite() throws IOException {
        List<SheetReader.Row> rows = read(
                WorkbookFile.workbook(
                        "<row r='2'><c r='A2' t='s'><v>0</v></c><c r='C2' t='s'><v>1</v></c></row><row r='3'/>"
                                + "<row r='7'><c t='inlineStr'><is><t>丁</t></is></c><c><v>1.5</v></c>"
                                + "<c t='str'><f>A1&amp;B1</f><v>戊</v></c><c t='b'><v>1</v></c><c s='3'/></row>"),
                10);
        assertThat(rows).extracting(SheetReader.Row::number).containsExactly(2, 7);
        assertThat(rows.get(0).cells())
                .containsExactly(new Cell("甲", Cell.Kind.TEXT), Cell.EMPTY, new Cell("乙 丙", Cell.Kind.TEXT));
        assertThat(rows.get(1).cells())
                .containsExactly(
                        new Cell("丁", Cell.Kind.TEXT),
                        new Cell("1.5", Cell.Kind.NUMBER),
                        new Cell("戊", Cell.Kind.FORMULA),
                        new Cell("1", Cell.Kind.OTHER));
    }

    @Test
    void whatItWroteItReadsAndNoCellIsAFormula() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<String> texts = List.of("=1+1", "+8613800138000", "-3", "@x", "'=y", "'z", "𮧵 & <b>", "");
        List<SheetWriter.Column> columns = Stream.iterate(0, i -> i + 1)
                .limit(texts.size())
                .map(i -> new SheetWriter.Column("c" + i, "列" + i, i == 0 ? 0 : 10, true))
                .toList();
        try (SheetWriter writer = new SheetWriter(out, "表", columns)) {
            for (int i = 0; i < 1000; i++) {
                writer.row(texts);
            }
            writer.explain("说明", List.of("怎样填"));
        }
        List<SheetReader.Row> rows = read(out.toByteArray(), 2000);
        assertThat(rows).hasSize(1002);
        assertThat(rows.get(0).text(0)).isEqualTo("c0");
        assertThat(rows.get(1001).cells()).allSatisfy(c -> {
            assertThat(c.kind()).isEqualTo(Cell.Kind.TEXT);
            assertThat(c.text()).doesNotMatch("(?s)[=+\\-@].*");
        });
        for (int i = 0; i < texts.size(); i++) {
            assertThat(rows.get(1001).text(i)).isEqualTo(texts.get(i));
        }
        assertThat(WorkbookFile.read(new ByteArrayInputStream(out.toByteArray())))
                .hasSize(1002);
    }

    static Stream<Arguments> hostile() throws IOException {
        String laughs = "<!DOCTYPE worksheet [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
                + "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]>";
        String outside = "<!DOCTYPE worksheet [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>";
        String entity = "<row r='1'><c t='inlineStr'><is><t>&a;</t></is></c></row>";
        String text = "x".repeat(9_000);
        byte[] whole = WorkbookFile.workbook(WorkbookFile.row(1, List.of("a")));
        byte[] half = java.util.Arrays.copyOf(whole, whole.length / 2);
        Map<String, String> noSheet = WorkbookFile.of("");
        noSheet.remove("xl/worksheets/sheet1.xml");
        Map<String, String> notOne = Map.of("word/document.xml", "<w/>");
        return Stream.of(
                Arguments.of("billion laughs", prefixed(laughs, entity), "declares entities"),
                Arguments.of("external entity", prefixed(outside, entity), "declares entities"),
                Arguments.of("laughs among shared texts", sharing(laughs), "declares entities"),
                Arguments.of(
                        "million empty rows", WorkbookFile.workbook("<row/>".repeat(1_000_000)), "10000 empty rows"),
                Arguments.of(
                        "too many rows",
                        WorkbookFile.workbook((WorkbookFile.row(1, List.of("a"))
                                + WorkbookFile.row(2, List.of("a"))
                                + WorkbookFile.row(3, List.of("a"))
                                + WorkbookFile.row(4, List.of("a"))
                                + WorkbookFile.row(5, List.of("a"))
                                + WorkbookFile.row(6, List.of("a")))),
                        "more than 5 rows"),
                Arguments.of(
                        "column beyond all",
                        WorkbookFile.workbook("<row r='1'><c r='ZZZZZZZ1'><v>1</v></c></row>"),
                        "damaged"),
                Arguments.of(
                        "too many columns",
                        WorkbookFile.workbook("<row r='1'><c r='XFD1'><v>1</v></c></row>"),
                        "200 columns"),
                Arguments.of("rows that go back", WorkbookFile.workbook("<row r='2'/><row r='1'/>"), "damaged"),
                Arguments.of(
                        "endless cell", WorkbookFile.workbook(WorkbookFile.row(1, List.of(text))), "8000 characters"),
                Arguments.of(
                        "shared text that is not there",
                        WorkbookFile.workbook("<row><c t='s'><v>7</v></c></row>"),
                        "damaged"),
                Arguments.of(
                        "index that is no number",
                        WorkbookFile.workbook("<row><c t='s'><v>x</v></c></row>"),
                        "damaged"),
                Arguments.of("broken XML", WorkbookFile.workbook("<row><c></row>"), "damaged"),
                Arguments.of("no sheet", WorkbookFile.zip(noSheet), "no Excel workbook"),
                Arguments.of("a document", WorkbookFile.zip(notOne), "no Excel workbook"),
                Arguments.of("half a file", half, "no Excel workbook"),
                Arguments.of("text", "a,b,c".getBytes(StandardCharsets.UTF_8), "no Excel workbook"),
                Arguments.of("nothing", new byte[0], "no Excel workbook"));
    }

    private static byte[] prefixed(String prefix, String rows) throws IOException {
        Map<String, String> parts = WorkbookFile.of(rows);
        parts.computeIfPresent("xl/worksheets/sheet1.xml", (name, text) -> prefix + text);
        return WorkbookFile.zip(parts);
    }

    private static byte[] sharing(String prefix) throws IOException {
        Map<String, String> parts = WorkbookFile.of("");
        parts.computeIfPresent("xl/sharedStrings.xml", (name, text) -> prefix + text.replace("甲", "&c;"));
        return WorkbookFile.zip(parts);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void whatIsHostileIsRefusedWithAClearSentence(String what, byte[] workbook, String said) {
        assertThatExceptionOfType(WorkbookFault.class)
                .as(what)
                .isThrownBy(() -> read(workbook, 5))
                .withMessageContaining(said);
    }

    /** Half a megabyte that becomes more than half a gigabyte. */
    @Test
    void aBombIsPutOutBeforeItHasGoneOff() throws IOException {
        Path file = folder.resolve("bomb.xlsx");
        byte[] blanks = " ".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, String> part : WorkbookFile.of("").entrySet()) {
                zip.putNextEntry(new ZipEntry(part.getKey()));
                String text = part.getValue();
                int cut = text.indexOf("</sheetData>");
                zip.write(text.substring(0, Math.max(0, cut)).getBytes(StandardCharsets.UTF_8));
                for (long i = 0; cut >= 0 && i <= SheetReader.MOST_BYTES; i += blanks.length) {
                    zip.write(blanks);
                }
                zip.write(text.substring(Math.max(0, cut)).getBytes(StandardCharsets.UTF_8));
            }
        }
        assertThat(Files.size(file)).isLessThan(2 << 20);
        try (SheetReader reader = SheetReader.take(file, 5)) {
            assertThatExceptionOfType(WorkbookFault.class)
                    .isThrownBy(reader::next)
                    .withMessageContaining("more than is read");
        }
    }
}
