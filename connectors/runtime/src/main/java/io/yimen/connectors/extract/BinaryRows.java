package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;

/** Raw rows out of what {@code COPY … TO STDOUT (FORMAT binary)} sends. */
final class BinaryRows implements TableSnapshot.Rows {
    /** Signature, flags and the length of what else a header might hold. */
    private static final int HEADER = 11 + 4 + 4;

    private static final byte[] NOTHING = new byte[0];

    private final CopyOut copy;
    private final ColumnText[] columns;
    private byte[] data = NOTHING;
    private int at;
    private boolean begun;

    /** @param columns in the order of the query */
    BinaryRows(CopyOut copy, ColumnText[] columns) {
        this.copy = copy;
        this.columns = columns;
    }

    @Override
    public @Nullable String @Nullable [] next() {
        try {
            if (!begun) {
                begin();
            }
            need(2);
            int fields = (short) (data[at] << 8 | data[at + 1] & 0xff);
            at += 2;
            if (fields < 0) {
                end();
                return null;
            }
            if (fields != columns.length) {
                throw new IllegalStateException("a row with " + fields + " columns, not " + columns.length);
            }
            @Nullable String[] row = new @Nullable String[fields];
            for (int i = 0; i < fields; i++) {
                need(4);
                int length = number();
                if (length < 0) {
                    row[i] = "";
                } else {
                    need(length);
                    row[i] = columns[i].of(data, at, length);
                    at += length;
                }
            }
            return row;
        } catch (SQLException e) {
            throw SourceDatabase.failed("broke off while a table was copied", e);
        }
    }

    private void begin() throws SQLException {
        need(HEADER);
        at = HEADER - 4;
        int extension = number();
        need(extension);
        at += extension;
        begun = true;
    }

    private int number() {
        int number = (data[at] & 0xff) << 24
                | (data[at + 1] & 0xff) << 16
                | (data[at + 2] & 0xff) << 8
                | data[at + 3] & 0xff;
        at += 4;
        return number;
    }

    private void end() throws SQLException {
        while (copy.readFromCopy() != null) {
            // nothing follows but the end itself
        }
    }

    /** A message holds a row as a rule, which nobody has promised. */
    private void need(int bytes) throws SQLException {
        while (data.length - at < bytes) {
            byte[] more = copy.readFromCopy();
            if (more == null) {
                throw new ConnectorException(
                        ConnectorException.Kind.UNREACHABLE,
                        "source-database",
                        "the source database ended a copy in the middle of a row; trying again later");
            }
            if (at == data.length) {
                data = more;
            } else {
                byte[] both = Arrays.copyOfRange(data, at, data.length + more.length);
                System.arraycopy(more, 0, both, data.length - at, more.length);
                data = both;
            }
            at = 0;
        }
    }
}
