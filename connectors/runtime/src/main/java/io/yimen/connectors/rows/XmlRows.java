package io.yimen.connectors.rows;

import io.yimen.connectors.mapping.Columns;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/** The rows of an XML text: the elements at a path, each with its children as columns. Nothing outside is followed. */
public final class XmlRows implements Rows {
    private static final int DEEPEST = 64;
    private static final int MOST_NAMES = 1_000;

    private final Reader text;
    private final XMLStreamReader in;
    private final String rowsPath;
    private final Columns columns;
    private final Set<String> watched;
    private final Map<String, String> single = new HashMap<>();
    private final Set<String> sent = new TreeSet<>();
    private final StringBuilder path = new StringBuilder();
    private final StringBuilder content = new StringBuilder();
    private int depth;
    private long number;

    /**
     * @param rowsPath steps from the top, e.g. {@code /register/item}
     * @param watched paths outside of the rows whose text is kept, see {@link #find}
     */
    public XmlRows(Reader text, String rowsPath, Columns columns, Set<String> watched) throws IOException {
        this.text = text;
        this.rowsPath = rowsPath;
        this.columns = columns;
        this.watched = Set.copyOf(watched);
        try {
            this.in = StrictXml.factory(false).createXMLStreamReader(new Decoding.Bracketed(text));
        } catch (XMLStreamException e) {
            throw unfit(e);
        }
    }

    static Rows of(Path file, Charset charset, String rowsPath, Columns columns) throws IOException {
        Reader text = new BufferedReader(Decoding.open(file, charset), 1 << 16);
        try {
            text.mark(1);
            if (text.read() != '\uFEFF') {
                text.reset();
            }
            XmlRows rows = new XmlRows(text, rowsPath, columns, Set.of());
            return new Decoded(rows, file, charset);
        } catch (java.nio.charset.CharacterCodingException e) {
            text.close();
            throw Decoding.undecodable(file, charset);
        } catch (IOException | RuntimeException e) {
            text.close();
            throw e;
        }
    }

    @Override
    public @Nullable Row next() throws IOException {
        @Nullable String @Nullable [] row = null;
        try {
            while (in.hasNext()) {
                switch (in.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        if (++depth > DEEPEST) {
                            throw new UnfitFile("malformed-xml", "is nested deeper than " + DEEPEST + " elements");
                        }
                        path.append('/').append(in.getLocalName());
                        content.setLength(0);
                        if (rowsPath.contentEquals(path)) {
                            row = new @Nullable String[columns.size()];
                        }
                    }
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE -> {
                        if (content.length() + in.getTextLength() > LONGEST) {
                            throw tooLong();
                        }
                        content.append(in.getText());
                    }
                    case XMLStreamConstants.END_ELEMENT -> {
                        String at = path.toString();
                        int cut = path.lastIndexOf("/");
                        boolean ended = row != null && at.equals(rowsPath);
                        if (row != null && !ended && cut == rowsPath.length()) {
                            field(row, at.substring(cut + 1));
                        } else if (row == null && watched.contains(at)) {
                            single.put(at, content.toString().strip());
                        }
                        depth--;
                        path.setLength(cut);
                        content.setLength(0);
                        if (ended) {
                            return Row.of(++number, java.util.Objects.requireNonNull(row));
                        }
                    }
                    case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
                        throw new UnfitFile("malformed-xml", "has a document type or an entity of its own");
                    default -> {
                        // comments, processing instructions
                    }
                }
            }
            return null;
        } catch (XMLStreamException e) {
            throw unfit(e);
        }
    }

    private void field(@Nullable String[] row, String name) {
        int index = columns.indexOf(name);
        if (index >= 0) {
            row[index] = content.toString();
        }
        if (index >= 0 || sent.size() < MOST_NAMES) {
            sent.add(name);
        }
    }

    private static UnfitFile unfit(XMLStreamException e) throws IOException {
        if (e.getNestedException() instanceof Decoding.TooLong) {
            return tooLong();
        }
        if (e.getNestedException() instanceof IOException io) {
            throw io;
        }
        var at = e.getLocation();
        return new UnfitFile(
                "malformed-xml",
                "is no well-formed XML"
                        + (at == null ? "" : " at line " + at.getLineNumber() + ", column " + at.getColumnNumber()));
    }

    private static UnfitFile tooLong() {
        return new UnfitFile("line-too-long", "holds a text of more than " + LONGEST + " characters");
    }

    /** What stands at one of the watched paths, as far as it has been read. */
    public Optional<String> find(@Nullable String at) {
        return at == null ? Optional.empty() : Optional.ofNullable(single.get(at));
    }

    @Override
    public List<String> names() {
        return List.copyOf(sent);
    }

    @Override
    public boolean hasHeader() {
        return false;
    }

    @Override
    public void close() throws IOException {
        text.close();
    }

    /** Tells the line where a file is not in its charset. */
    private record Decoded(XmlRows rows, Path file, Charset charset) implements Rows {
        @Override
        public @Nullable Row next() throws IOException {
            try {
                return rows.next();
            } catch (java.nio.charset.CharacterCodingException e) {
                throw Decoding.undecodable(file, charset);
            }
        }

        @Override
        public List<String> names() {
            return rows.names();
        }

        @Override
        public boolean hasHeader() {
            return false;
        }

        @Override
        public void close() throws IOException {
            rows.close();
        }
    }
}
