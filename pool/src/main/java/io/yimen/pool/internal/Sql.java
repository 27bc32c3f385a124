package io.yimen.pool.internal;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Columns of a set that goes to the server in one statement, as arrays for {@code unnest}, and single values.
 *
 * <p>What is written is unnested in the list of a {@code select}, column beside column: in a {@code from} clause each
 * column goes through a store of its own, filled before the first row is read.
 */
final class Sql {
    private Sql() {}

    /** What stands for one question mark. Not changed any more once it is given to a statement. */
    interface Parameter {
        void set(PreparedStatement statement, int index) throws SQLException;
    }

    /** Takes in the rows of an answer, one by one. */
    interface Reader {
        void read(ResultSet row) throws SQLException;
    }

    /** Text column. */
    static final class Texts implements Parameter {
        private final List<@Nullable String> values = new ArrayList<>();

        void add(@Nullable String value) {
            values.add(value);
        }

        @Override
        public void set(PreparedStatement statement, int index) throws SQLException {
            statement.setObject(index, values.toArray(new String[0]), Types.ARRAY);
        }
    }

    /** Column of big integers. */
    static final class Longs implements Parameter {
        private final List<@Nullable Long> values = new ArrayList<>();

        void add(@Nullable Long value) {
            values.add(value);
        }

        @Override
        public void set(PreparedStatement statement, int index) throws SQLException {
            statement.setObject(index, values.toArray(new Long[0]), Types.ARRAY);
        }
    }

    /** Column of integers. */
    static final class Ints implements Parameter {
        private int[] values = new int[16];
        private int size;

        void add(int value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            values[size++] = value;
        }

        @Override
        public void set(PreparedStatement statement, int index) throws SQLException {
            statement.setObject(index, Arrays.copyOf(values, size), Types.ARRAY);
        }
    }

    /** Column of numbers with fractions. */
    static final class Doubles implements Parameter {
        private final List<Double> values = new ArrayList<>();

        void add(double value) {
            values.add(value);
        }

        @Override
        public void set(PreparedStatement statement, int index) throws SQLException {
            statement.setObject(index, values.toArray(new Double[0]), Types.ARRAY);
        }
    }

    /** Column of booleans. */
    static final class Booleans implements Parameter {
        private final List<Boolean> values = new ArrayList<>();

        void add(boolean value) {
            values.add(value);
        }

        @Override
        public void set(PreparedStatement statement, int index) throws SQLException {
            statement.setObject(index, values.toArray(new Boolean[0]), Types.ARRAY);
        }
    }

    /** Column of bytes. */
    static final class Bytes implements Parameter {
        private final List<byte[]> values = new ArrayList<>();

        void add(byte[] value) {
            values.add(value);
        }

        @Override
        public void set(PreparedStatement statement, int index) throws SQLException {
            statement.setObject(index, values.toArray(new byte[0][]), Types.ARRAY);
        }
    }

    /** Column of ids. */
    static Parameter ids(Collection<Long> ids) {
        return (statement, index) -> set(statement, index, ids);
    }

    static Parameter text(@Nullable String value) {
        return (statement, index) -> statement.setString(index, value);
    }

    static Parameter number(long value) {
        return (statement, index) -> statement.setLong(index, value);
    }

    static Parameter number(int value) {
        return (statement, index) -> statement.setInt(index, value);
    }

    static Parameter time(@Nullable OffsetDateTime value) {
        return (statement, index) -> statement.setObject(index, value);
    }

    static Parameter date(LocalDate value) {
        return (statement, index) -> statement.setObject(index, value);
    }

    static void set(PreparedStatement statement, int index, Collection<Long> ids) throws SQLException {
        statement.setObject(index, ids.toArray(new Long[0]), Types.ARRAY);
    }
}
