package io.yimen.connectors.extract;

import io.debezium.config.Configuration;
import io.debezium.connector.binlog.charset.BinlogCharsetRegistry;
import io.debezium.connector.mariadb.MariaDbConnectorConfig;
import io.debezium.connector.mariadb.antlr.MariaDbAntlrDdlParser;
import io.debezium.connector.mariadb.charset.MariaDbCharsetRegistryServiceProvider;
import io.debezium.connector.mariadb.jdbc.MariaDbValueConverters;
import io.debezium.converters.custom.CustomConverterServiceProvider;
import io.debezium.relational.Column;
import io.debezium.relational.CustomConverterRegistry;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import io.debezium.relational.Tables;
import io.debezium.relational.ValueConverter;
import io.debezium.service.spi.ServiceRegistry;
import io.debezium.text.MultipleParsingExceptions;
import io.debezium.text.ParsingException;
import io.yimen.connectors.ConnectorException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.Year;
import java.time.ZoneOffset;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The capture engine's own way from a value of a MariaDB to the text that {@link TableReader} makes of what the log says.
 * A value is read as what the log's reader would have found there; from then on it goes through the engine's converter.
 */
final class BinlogText {
    private static final OffsetDateTime NEVER = Instant.EPOCH.atOffset(ZoneOffset.UTC);

    private final MariaDbConnectorConfig config;
    private final CustomConverterRegistry ours;
    private final MariaDbValueConverters engine;
    private final String database;
    private final String manifest;

    /** Reads a value as the log's reader does; null for NULL, and for what it takes for that. */
    private interface Reader {
        @Nullable
        Object read(ResultSet row, int column) throws SQLException;
    }

    /** A column of a query, with the text of its value. */
    record Asked(String expression, Text text) {}

    /** The text of a value; empty for NULL. */
    interface Text {
        String of(ResultSet row, int column) throws SQLException;
    }

    /** @param settings what the task is told */
    BinlogText(Map<String, String> settings, String database, String manifest) {
        this.config = new MariaDbConnectorConfig(Configuration.from(settings));
        this.database = database;
        this.manifest = manifest;
        ServiceRegistry services = config.getServiceRegistry();
        services.registerServiceProvider(new MariaDbCharsetRegistryServiceProvider());
        services.registerServiceProvider(new CustomConverterServiceProvider());
        this.ours = services.getService(CustomConverterRegistry.class);
        this.engine = new MariaDbValueConverters(
                config.getDecimalMode(),
                config.getTemporalPrecisionMode(),
                config.getBigIntUnsignedHandlingMode().asBigIntUnsignedMode(),
                config.binaryHandlingMode(),
                config.isTimeAdjustedEnabled() ? MariaDbValueConverters::adjustTemporal : time -> time,
                config.getEventConvertingFailureHandlingMode(),
                services);
    }

    /** A table as the engine understands the statement that makes it. */
    Table table(String name, String statement) {
        MariaDbAntlrDdlParser parser = new MariaDbAntlrDdlParser(
                true,
                false,
                false,
                Tables.TableFilter.includeAll(),
                config.getServiceRegistry().getService(BinlogCharsetRegistry.class));
        parser.setCurrentDatabase(database);
        Tables tables = new Tables();
        try {
            parser.parse(statement, tables);
        } catch (ParsingException | MultipleParsingExceptions e) {
            throw new ConnectorException(
                    ConnectorException.Kind.UNEXPECTED,
                    "table-structure",
                    "the log's reader does not understand how table " + name
                            + " is made; a type that it does not know?",
                    e);
        }
        return tables.forTable(new TableId(database, null, name));
    }

    Asked ask(Table table, String name) {
        Column column = table.columnWithName(name);
        if (column == null) {
            throw unread("table " + table.id().table() + " no longer has " + name);
        }
        Optional<SchemaBuilder> own = ours.registerConverterFor(table.id(), column, null);
        SchemaBuilder builder = own.orElseGet(() -> engine.schemaBuilder(column));
        if (builder == null) {
            throw unread("column " + name + " of table " + table.id().table() + " is of the type " + column.typeName()
                    + ", which the log's reader leaves out");
        }
        Field field = new Field(name, 0, builder.optional().build());
        ValueConverter converter =
                ours.getValueConverter(table.id(), column).orElseGet(() -> engine.converter(column, field));
        Function<Object, String> text = TableReader.textOf(field.schema());
        boolean isText = own.isPresent() && column.jdbcType() != Types.DATE && column.jdbcType() != Types.TIMESTAMP;
        Reader reader = isText ? (row, i) -> row.getBytes(i) : reader(column);
        String quoted = ColumnCharsets.quoted(name);
        String expression = switch (column.jdbcType()) {
            // As a float is written, digits are missing.
            case Types.FLOAT, Types.REAL, Types.DOUBLE -> "cast(" + quoted + " as double)";
            // And the driver would make a day of a year.
            case Types.INTEGER -> column.typeName().equals("YEAR") ? "cast(" + quoted + " as char)" : quoted;
            default -> isText ? BinlogDatabase.bytes(quoted) : quoted;
        };
        return new Asked(expression, (row, i) -> {
            Object raw = reader.read(row, i);
            Object value = raw == null ? null : converter.convert(raw);
            return value == null ? "" : text.apply(value);
        });
    }

    private static Reader reader(Column column) {
        String type = column.typeName();
        return switch (column.jdbcType()) {
            case Types.DATE -> (row, i) -> date(row.getString(i));
            case Types.TIMESTAMP -> (row, i) -> time(row.getString(i));
            case Types.TIMESTAMP_WITH_TIMEZONE ->
                (row, i) -> {
                    String text = row.getString(i);
                    LocalDateTime time = time(text);
                    // One that does not exist is written in the log as the first that does.
                    return text == null ? null : time == null ? NEVER : time.atOffset(ZoneOffset.UTC);
                };
            case Types.TIME ->
                (row, i) -> {
                    String time = row.getString(i);
                    return time == null ? null : MariaDbValueConverters.stringToDuration(time);
                };
            case Types.BIT ->
                (row, i) -> {
                    byte[] bits = row.getBytes(i);
                    return bits == null ? null : bits(bits);
                };
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> (row, i) -> row.getBytes(i);
            case Types.DECIMAL, Types.NUMERIC -> (row, i) -> row.getBigDecimal(i);
            case Types.OTHER -> type.equals("UUID") ? (row, i) -> uuid(row.getString(i)) : (row, i) -> row.getBytes(i);
            case Types.INTEGER ->
                type.equals("YEAR") ? (row, i) -> year(row.getString(i)) : (row, i) -> row.getObject(i);
            default ->
                type.startsWith("BIGINT UNSIGNED") ? (row, i) -> row.getBigDecimal(i) : (row, i) -> row.getObject(i);
        };
    }

    private static @Nullable UUID uuid(@Nullable String text) {
        return text == null ? null : UUID.fromString(text);
    }

    /** As the log writes it: years after 1900. */
    private static @Nullable Year year(@Nullable String text) {
        return text == null ? null : Year.of(Math.max(1900, Integer.parseInt(text)));
    }

    /** From the last byte on, which is the first of the number. */
    private static BitSet bits(byte[] bytes) {
        byte[] turned = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            turned[i] = bytes[bytes.length - 1 - i];
        }
        return BitSet.valueOf(turned);
    }

    private static @Nullable LocalDate date(@Nullable String text) {
        try {
            return text == null ? null : LocalDate.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** A time that does not exist is none. */
    private static @Nullable LocalDateTime time(@Nullable String text) {
        try {
            return text == null ? null : LocalDateTime.parse(text.replace(' ', 'T'));
        } catch (DateTimeException e) {
            return null;
        }
    }

    private ConnectorException unread(String what) {
        return new ConnectorException(
                ConnectorException.Kind.UNEXPECTED, "missing-column", what + "; correct " + manifest);
    }
}
