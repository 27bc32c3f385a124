package io.yimen.connectors.rows;

import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.Undecoded;
import io.yimen.connectors.mapping.Unusable;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of dBASE III or FoxPro. Text is decoded field by field, so that one that is no text spoils its own record
 * only; a date is {@code yyyyMMdd} as it stands in the file. Texts that lie in a file beside it (memo) are not read.
 */
final class DbfRows implements Rows {
    private static final int HEADER = 32;
    private static final int END_OF_HEADER = 0x0D;
    private static final int MOST_FIELDS = 255;
    private static final int DELETED = '*';
    private static final int END_OF_FILE = 0x1A;

    private final DataInputStream in;
    private final Charset charset;
    private final List<String> names = new ArrayList<>();
    private final List<Field> fields = new ArrayList<>();
    private final int[] places;
    private final byte[] record;
    private final long records;
    private long number;

    /** Where a field stands in a record. */
    private record Field(char type, int at, int length) {}

    DbfRows(Path file, Charset charset, Columns columns) throws IOException {
        this.charset = charset;
        this.in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
        try {
            ByteBuffer head = little(HEADER);
            this.records = Integer.toUnsignedLong(head.getInt(4));
            int header = Short.toUnsignedInt(head.getShort(8));
            int length = Short.toUnsignedInt(head.getShort(10));
            fields(header, length);
            this.record = new byte[length];
            if (Files.size(file) < header + records * length) {
                throw new UnfitFile(
                        "truncated-dbf",
                        "is shorter than the " + records + " records that its header announces; have it sent again");
            }
        } catch (EOFException e) {
            in.close();
            throw malformed();
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
        this.places = columns.names().stream().mapToInt(names::indexOf).toArray();
    }

    private ByteBuffer little(int length) throws IOException {
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void fields(int header, int length) throws IOException {
        int read = HEADER;
        int at = 1;
        while (true) {
            int first = in.readUnsignedByte();
            read++;
            if (first == END_OF_HEADER) {
                break;
            }
            byte[] field = new byte[HEADER];
            field[0] = (byte) first;
            in.readFully(field, 1, HEADER - 1);
            read += HEADER - 1;
            int end = 0;
            while (end < 11 && field[end] != 0) {
                end++;
            }
            try {
                names.add(Decoding.strict(charset)
                        .decode(ByteBuffer.wrap(field, 0, end))
                        .toString()
                        .strip());
            } catch (CharacterCodingException e) {
                throw new UnfitFile(
                        "charset", "has names of columns that are not " + charset.name() + "; declare its charset");
            }
            int width = Byte.toUnsignedInt(field[16]);
            fields.add(new Field((char) field[11], at, width));
            at += width;
            if (fields.size() > MOST_FIELDS || at > length) {
                throw malformed();
            }
        }
        if (fields.isEmpty() || header < read || length == 0) {
            throw malformed();
        }
        in.skipNBytes(header - read);
    }

    private static UnfitFile malformed() {
        return new UnfitFile("malformed-dbf", "is no DBF table; have a correct file sent");
    }

    @Override
    public @Nullable Row next() throws IOException {
        while (number < records) {
            in.readFully(record);
            number++;
            if (record[0] == END_OF_FILE) {
                return null;
            }
            if (record[0] != DELETED) {
                @Nullable String[] row = new @Nullable String[places.length];
                for (int i = 0; i < row.length; i++) {
                    row[i] = places[i] < 0 ? null : value(fields.get(places[i]));
                }
                return Row.of(number, row);
            }
        }
        return null;
    }

    private String value(Field field) {
        return switch (field.type()) {
            case 'C' -> text(field);
            case 'N', 'F', 'D' -> {
                String plain = new String(record, field.at(), field.length(), StandardCharsets.ISO_8859_1).strip();
                // Stars stand for a number that did not fit.
                yield plain.startsWith("*")
                        ? Unusable.of("numeric-overflow", "holds stars: the number did not fit into its column")
                        : plain.replace("\0", "");
            }
            case 'L' ->
                switch (record[field.at()]) {
                    case 'T', 't', 'Y', 'y' -> "true";
                    case 'F', 'f', 'N', 'n' -> "false";
                    default -> "";
                };
            case 'I' ->
                field.length() == 4
                        ? Integer.toString(ByteBuffer.wrap(record, field.at(), 4)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getInt())
                        : unsupported(field);
            default -> unsupported(field);
        };
    }

    private static String unsupported(Field field) {
        return Unusable.of(
                "column-type", "is of the type " + field.type() + ", which is not read; have it sent as text");
    }

    private String text(Field field) {
        int end = field.at() + field.length();
        while (end > field.at() && (record[end - 1] == ' ' || record[end - 1] == 0)) {
            end--;
        }
        try {
            return Decoding.strict(charset)
                    .decode(ByteBuffer.wrap(record, field.at(), end - field.at()))
                    .toString();
        } catch (CharacterCodingException e) {
            return Undecoded.of(charset.name(), Arrays.copyOfRange(record, field.at(), end));
        }
    }

    @Override
    public List<String> names() {
        return names;
    }

    @Override
    public boolean hasHeader() {
        return true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
