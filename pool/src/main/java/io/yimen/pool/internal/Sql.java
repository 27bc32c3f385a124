package io.yimen.pool.internal;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Columns of a set that goes to the server in one statement, as arrays for {@code unnest}. */
final class Sql {
    private Sql() {}

    /** Text column. */
    static final class Texts {
        private final List<@Nullable String> values = new ArrayList<>();

        void add(@Nullable String value) {
            values.add(value);
        }

        void set(PreparedStatement statement, int index) throws SQLException {
            statement.setObject(index, values.toArray(new String[0]), Types.ARRAY);
        }
    }

    /** Column of big integers. */
    static final class Longs {
        private final List<@Nullable Long> values = new ArrayList<>();

        void add(@Nullable Long value) {
            values.add(value);
        }

        void set(PreparedStatement statement, int index) throws SQLException {
            statement.setObject(index, values.toArray(new Long[0]), Types.ARRAY);
        }
    }

    /** Column of integers. */
    static final class Ints {
        private final List<Integer> values = new ArrayList<>();

        void add(int value) {
            values.add(value);
        }

        void set(PreparedStatement statement, int index) throws SQLException {
            statement.setObject(index, values.toArray(new Integer[0]), Types.ARRAY);
        }
    }

    /** Column of booleans. */
    static final class Booleans {
        private final List<Boolean> values = new ArrayList<>();

        void add(boolean value) {
            values.add(value);
        }

        void set(PreparedStatement statement, int index) throws SQLException {
            statement.setObject(index, values.toArray(new Boolean[0]), Types.ARRAY);
        }
    }

    /** Column of bytes. */
    static final class Bytes {
        private final List<byte[]> values = new ArrayList<>();

        void add(byte[] value) {
            values.add(value);
        }

        void set(PreparedStatement statement, int index) throws SQLException {
            statement.setObject(index, values.toArray(new byte[0][]), Types.ARRAY);
        }
    }

    static void set(PreparedStatement statement, int index, Collection<Long> ids) throws SQLException {
        statement.setObject(index, ids.toArray(new Long[0]), Types.ARRAY);
    }
}
