package io.yimen.connectors.sheet;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads a sheet of a workbook row by row. It comes from strangers: whatever is in it, a reader holds one row and
 * at most {@value #MOST_SHARED} bytes of shared texts, reads at most {@value #MOST_BYTES} bytes, follows nothing that
 * leads out of the file, and says in a {@link WorkbookFault} what it does not take. For one thread.
 */
public final class SheetReader implements Closeable {
    /** Of all its parts, inflated. */
    public static final long MOST_BYTES = 512L << 20;

    private static final int MOST_SHARED = 48 << 20;
    private static final int MOST_SHARED_TEXTS = 3_000_000;
    private static final int MOST_COLUMNS = 200;
    private static final int MOST_MERGED = 10_000;
    private static final int MOST_EMPTY_ROWS = 10_000;
    private static final int LONGEST_CELL = 8_000;
    private static final String TOO_LARGE = "The workbook holds more than is read: split it into several";
    private static final String RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private static final XMLInputFactory XML = xml();

    private final ZipFile zip;
    private final int mostRows;
    private final Shared shared = new Shared();
    private final String part;
    private final XMLStreamReader sheet;
    private boolean since1904;
    private long inflated;
    private int rows;
    private int emptyRows;
    private int number;

    /**
     * A row that holds something.
     *
     * @param number from 1
     * @param cells from column A to the last one that holds something
     */
    public record Row(int number, List<Cell> cells) {
        /** The cell of a column from 0; an empty one beyond the last. */
        public Cell cell(int column) {
            return column < cells.size() ? cells.get(column) : Cell.EMPTY;
        }

        public String text(int column) {
            return Cell.plain(cell(column).text());
        }

        @Override
        public String toString() {
            return "row " + number;
        }
    }

    /** Cells that were made one; all numbers from 0 for columns, from 1 for rows, the last ones included. */
    public record Area(int top, int left, int bottom, int right) {
        public boolean holds(int row, int column) {
            return row >= top && row <= bottom && column >= left && column <= right;
        }
    }

    private SheetReader(ZipFile zip, String name, int mostRows) throws IOException, XMLStreamException {
        this.zip = zip;
        this.mostRows = mostRows;
        Map<String, String> parts = relations();
        String texts = parts.remove("sharedStrings");
        if (texts != null && zip.getEntry(texts) != null) {
            readShared(texts);
        }
        this.part = sheet(name, parts);
        this.sheet = open(part);
    }

    /**
     * Opens a workbook and removes the file, which goes on being read.
     *
     * @param mostRows rows that hold something
     * @throws WorkbookFault if it is none
     */
    public static SheetReader take(Path file, int mostRows) {
        ZipFile zip;
        try {
            zip = zip(file);
        } finally {
            delete(file);
        }
        return open(zip, "", mostRows);
    }

    /**
     * Opens a workbook.
     *
     * @param sheet its name; empty for the first
     * @param mostRows rows that hold something
     * @throws WorkbookFault if it is none, or has no such sheet
     */
    public static SheetReader open(Path file, String sheet, int mostRows) {
        return open(zip(file), sheet, mostRows);
    }

    private static ZipFile zip(Path file) {
        try {
            return new ZipFile(file.toFile());
        } catch (IOException e) {
            throw notOne();
        }
    }

    private static SheetReader open(ZipFile zip, String sheet, int mostRows) {
        try {
            return new SheetReader(zip, sheet, mostRows);
        } catch (IOException | XMLStreamException e) {
            close(zip);
            throw broken();
        } catch (RuntimeException e) {
            close(zip);
            throw e;
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void close(ZipFile zip) {
        try {
            zip.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        close(zip);
    }

    /** The next row that holds something; {@code null} after the last. */
    public @Nullable Row next() {
        try {
            while (sheet.hasNext()) {
                int event = step(sheet);
                if (event == XMLStreamConstants.START_ELEMENT
                        && sheet.getLocalName().equals("row")) {
                    Row row = row();
                    if (!row.cells.isEmpty()) {
                        if (++rows > mostRows) {
                            throw new WorkbookFault(
                                    "The sheet has more than " + mostRows + " rows: split it into several");
                        }
                        return row;
                    }
                    if (++emptyRows > MOST_EMPTY_ROWS) {
                        throw new WorkbookFault("The sheet has more than " + MOST_EMPTY_ROWS + " empty rows up to row "
                                + number + ": delete them");
                    }
                } else if (event == XMLStreamConstants.END_ELEMENT
                        && sheet.getLocalName().equals("sheetData")) {
                    return null;
                }
            }
            return null;
        } catch (XMLStreamException e) {
            throw e.getNestedException() instanceof TooLarge ? new WorkbookFault(TOO_LARGE) : broken();
        }
    }

    /** The cells that were made one and begin in the first rows, up to {@code lastRow}; read ahead, in a pass of its own. */
    public List<Area> merged(int lastRow) {
        long before = inflated;
        List<Area> areas = new ArrayList<>();
        try {
            XMLStreamReader in = open(part);
            while (in.hasNext()) {
                // They stand behind the rows.
                if (in.next() == XMLStreamConstants.START_ELEMENT
                        && in.getLocalName().equals("mergeCell")) {
                    Area area = area(in.getAttributeValue(null, "ref"));
                    if (area.top() <= lastRow && area.left() < MOST_COLUMNS) {
                        areas.add(area);
                    }
                    if (areas.size() > MOST_MERGED) {
                        throw broken();
                    }
                }
            }
        } catch (XMLStreamException e) {
            throw e.getNestedException() instanceof TooLarge ? new WorkbookFault(TOO_LARGE) : broken();
        } catch (IOException e) {
            throw broken();
        }
        inflated = before;
        return areas;
    }

    private static Area area(@Nullable String ref) {
        String[] corners = ref == null ? new String[0] : ref.split(":");
        if (corners.length == 0 || corners.length > 2) {
            throw broken();
        }
        String last = corners[corners.length - 1];
        return new Area(rowOf(corners[0]), column(corners[0], 0), rowOf(last), column(last, 0));
    }

    private static int rowOf(String name) {
        return integer(name.replaceFirst("^[A-Z]{1,3}", ""), 0);
    }

    /** Whether its days are counted from 1904 instead of 1900. */
    public boolean isSince1904() {
        return since1904;
    }

    private Row row() throws XMLStreamException {
        int next = integer(sheet.getAttributeValue(null, "r"), number + 1);
        if (next <= number || next > 1_048_576) {
            throw broken();
        }
        number = next;
        List<Cell> cells = new ArrayList<>();
        int column = -1;
        while (true) {
            int event = step(sheet);
            if (event == XMLStreamConstants.START_ELEMENT
                    && sheet.getLocalName().equals("c")) {
                column = column(sheet.getAttributeValue(null, "r"), column + 1);
                Cell cell = cell();
                if (!cell.text().isBlank() || cell.kind() == Cell.Kind.FORMULA) {
                    if (column >= MOST_COLUMNS) {
                        throw new WorkbookFault(
                                "The sheet has more than " + MOST_COLUMNS + " columns in row " + number);
                    }
                    while (cells.size() <= column) {
                        cells.add(Cell.EMPTY);
                    }
                    cells.set(column, cell);
                }
            } else if (event == XMLStreamConstants.END_ELEMENT
                    && sheet.getLocalName().equals("row")) {
                return new Row(number, cells);
            }
        }
    }

    private Cell cell() throws XMLStreamException {
        String type = sheet.getAttributeValue(null, "t");
        boolean formula = false;
        String text = "";
        while (true) {
            int event = step(sheet);
            if (event == XMLStreamConstants.START_ELEMENT) {
                String name = sheet.getLocalName();
                if (name.equals("f")) {
                    formula = true;
                } else if (name.equals("is")) {
                    text = texts(sheet, "is");
                } else if (name.equals("v")) {
                    text = text(sheet, "v");
                }
            } else if (event == XMLStreamConstants.END_ELEMENT
                    && sheet.getLocalName().equals("c")) {
                break;
            }
        }
        if (formula) {
            return new Cell(text, Cell.Kind.FORMULA);
        }
        return switch (type == null ? "n" : type) {
            case "s" -> new Cell(shared.get(integer(text, -1)), Cell.Kind.TEXT);
            case "inlineStr", "str" -> new Cell(text, Cell.Kind.TEXT);
            case "n" -> new Cell(text, text.isEmpty() ? Cell.Kind.TEXT : Cell.Kind.NUMBER);
            default -> new Cell(text, Cell.Kind.OTHER);
        };
    }

    /** The text of the runs up to the end of an element; how they are pronounced is no part of it. */
    private String texts(XMLStreamReader in, String end) throws XMLStreamException {
        StringBuilder all = new StringBuilder();
        int pronounced = 0;
        while (true) {
            int event = step(in);
            if (event == XMLStreamConstants.START_ELEMENT) {
                if (in.getLocalName().equals("rPh")) {
                    pronounced++;
                } else if (in.getLocalName().equals("t")) {
                    String text = text(in, "t");
                    if (pronounced == 0) {
                        append(all, text);
                    }
                }
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                if (in.getLocalName().equals("rPh")) {
                    pronounced--;
                } else if (in.getLocalName().equals(end)) {
                    return all.toString();
                }
            }
        }
    }

    private String text(XMLStreamReader in, String end) throws XMLStreamException {
        StringBuilder text = new StringBuilder();
        while (true) {
            int event = step(in);
            if (event == XMLStreamConstants.CHARACTERS
                    || event == XMLStreamConstants.CDATA
                    || event == XMLStreamConstants.SPACE) {
                append(text, in.getText());
            } else if (event == XMLStreamConstants.END_ELEMENT
                    && in.getLocalName().equals(end)) {
                return text.toString();
            }
        }
    }

    private void append(StringBuilder text, String more) {
        if (text.length() + more.length() > LONGEST_CELL) {
            throw new WorkbookFault("A cell holds more than " + LONGEST_CELL + " characters"
                    + (number == 0 ? "" : ", in row " + (number + 1) + " or before"));
        }
        text.append(more);
    }

    private int step(XMLStreamReader in) throws XMLStreamException {
        int event = in.next();
        if (event == XMLStreamConstants.DTD || event == XMLStreamConstants.ENTITY_REFERENCE) {
            throw new WorkbookFault(
                    "The workbook declares entities, which no workbook needs: save it anew in Excel or WPS");
        }
        if (event == XMLStreamConstants.END_DOCUMENT) {
            throw broken();
        }
        return event;
    }

    private void readShared(String part) throws IOException, XMLStreamException {
        XMLStreamReader in = open(part);
        while (in.hasNext()) {
            int event = in.next();
            if (event == XMLStreamConstants.START_ELEMENT && in.getLocalName().equals("si")) {
                shared.add(texts(in, "si"));
            } else if (event == XMLStreamConstants.DTD) {
                throw new WorkbookFault(
                        "The workbook declares entities, which no workbook needs: save it anew in Excel or WPS");
            }
        }
    }

    /** Part by relation id, and the one of shared texts. */
    private Map<String, String> relations() throws IOException, XMLStreamException {
        Map<String, String> parts = new TreeMap<>();
        XMLStreamReader in = open("xl/_rels/workbook.xml.rels");
        while (in.hasNext()) {
            if (in.next() == XMLStreamConstants.START_ELEMENT
                    && in.getLocalName().equals("Relationship")) {
                String target = in.getAttributeValue(null, "Target");
                String type = in.getAttributeValue(null, "Type");
                String id = in.getAttributeValue(null, "Id");
                if (target == null || type == null || id == null || parts.size() > 1000) {
                    throw broken();
                }
                String part = target.startsWith("/") ? target.substring(1) : "xl/" + target;
                parts.put(type.endsWith("/sharedStrings") ? "sharedStrings" : id, part);
            }
        }
        return parts;
    }

    private String sheet(String name, Map<String, String> parts) throws IOException, XMLStreamException {
        XMLStreamReader in = open("xl/workbook.xml");
        boolean any = false;
        while (in.hasNext()) {
            if (in.next() != XMLStreamConstants.START_ELEMENT) {
                continue;
            }
            if (in.getLocalName().equals("workbookPr")) {
                String since = in.getAttributeValue(null, "date1904");
                since1904 = "1".equals(since) || "true".equals(since);
            } else if (in.getLocalName().equals("sheet")) {
                any = true;
                if (!name.isEmpty() && !name.equals(in.getAttributeValue(null, "name"))) {
                    continue;
                }
                String id = in.getAttributeValue(RELATIONSHIPS, "id");
                String part = id == null ? null : parts.get(id);
                if (part == null) {
                    throw broken();
                }
                return part;
            }
        }
        throw any ? new WorkbookFault("The workbook has no sheet of the name " + name) : broken();
    }

    private XMLStreamReader open(String part) throws IOException, XMLStreamException {
        ZipEntry entry = zip.getEntry(part);
        if (entry == null) {
            throw notOne();
        }
        return XML.createXMLStreamReader(new Counted(zip.getInputStream(entry)));
    }

    private static int integer(@Nullable String text, int otherwise) {
        if (text == null) {
            return otherwise;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw broken();
        }
    }

    /** The column of a cell's name such as C5, from 0. */
    private static int column(@Nullable String name, int otherwise) {
        if (name == null) {
            return otherwise;
        }
        int column = 0;
        for (int i = 0; i < name.length() && i < 4 && name.charAt(i) >= 'A' && name.charAt(i) <= 'Z'; i++) {
            column = column * 26 + (name.charAt(i) - 'A' + 1);
        }
        if (column == 0 || column > 16_384) {
            throw broken();
        }
        return column - 1;
    }

    private static WorkbookFault notOne() {
        return new WorkbookFault("The file is no Excel workbook (.xlsx): save it as one");
    }

    private static WorkbookFault broken() {
        return new WorkbookFault("The workbook is damaged: open it in Excel or WPS and save it anew");
    }

    /** The JDK's own, whatever else is on the class path. */
    private static XMLInputFactory xml() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, false);
        return factory;
    }

    /** There is more than is read. */
    private static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** Counts what all parts come to while they are inflated, whatever the file says of it. */
    private final class Counted extends FilterInputStream {
        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            count(b < 0 ? 0 : 1);
            return b;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            int n = super.read(to, offset, length);
            count(n);
            return n;
        }

        private void count(int more) throws TooLarge {
            inflated += Math.max(0, more);
            if (inflated > MOST_BYTES) {
                throw new TooLarge();
            }
        }
    }

    /** Texts that cells share, packed: a workbook may have as many as cells. */
    private static final class Shared {
        private byte[] text = new byte[1 << 12];
        private int[] ends = new int[1 << 8];
        private int count;

        void add(String one) {
            byte[] bytes = one.getBytes(StandardCharsets.UTF_8);
            int start = count == 0 ? 0 : ends[count - 1];
            if (start + bytes.length > MOST_SHARED || count == MOST_SHARED_TEXTS) {
                throw new WorkbookFault(TOO_LARGE);
            }
            if (start + bytes.length > text.length) {
                text = Arrays.copyOf(text, Math.max(2 * text.length, start + bytes.length));
            }
            if (count == ends.length) {
                ends = Arrays.copyOf(ends, 2 * count);
            }
            System.arraycopy(bytes, 0, text, start, bytes.length);
            ends[count++] = start + bytes.length;
        }

        String get(int index) {
            if (index < 0 || index >= count) {
                throw broken();
            }
            int start = index == 0 ? 0 : ends[index - 1];
            return new String(text, start, ends[index] - start, StandardCharsets.UTF_8);
        }
    }
}
