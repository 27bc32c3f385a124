package io.yimen.connectors.extract;

import io.debezium.config.Configuration;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresType;
import io.debezium.connector.postgresql.PostgresValueConverter;
import io.debezium.connector.postgresql.TypeRegistry;
import io.debezium.connector.postgresql.connection.AbstractColumnValue;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationMessageColumnValueResolver;
import io.debezium.data.SpecialValueDecimal;
import io.debezium.relational.Column;
import io.debezium.relational.TableId;
import io.debezium.relational.ValueConverter;
import io.yimen.connectors.ConnectorException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;

/**
 * The capture engine's own way from a value as the log writes it to the one that it hands over, for the types that are
 * not decoded here. Connects when it is first needed.
 */
final class EngineText implements AutoCloseable {
    private final PostgresConnectorConfig config;
    private final String schema;
    private final String manifest;
    private @Nullable Connected connected;

    private record Connected(PostgresConnection connection, PostgresValueConverter converter) {}

    /** @param settings what the task is told */
    EngineText(Map<String, String> settings, String schema, String manifest) {
        this.config = new PostgresConnectorConfig(Configuration.from(settings));
        this.schema = schema;
        this.manifest = manifest;
    }

    /** @throws ConnectorException {@code missing-column} if the engine leaves columns of that type out */
    UnaryOperator<String> textOf(String table, SourceDatabase.Column column) {
        Connected engine = connected();
        TypeRegistry types = engine.connection().getTypeRegistry();
        Column known = column(engine.connection(), table, column.name());
        PostgresType type = types.get(column.oid());
        SchemaBuilder builder = engine.converter().schemaBuilder(known);
        if (builder == null) {
            throw unread(table, column);
        }
        Field field = new Field(column.name(), 0, builder.optional().build());
        ValueConverter converter = engine.converter().converter(known, field);
        if (converter == null) {
            throw unread(table, column);
        }
        Function<Object, String> text = TableReader.textOf(field.schema());
        return written -> {
            Object value = converter.convert(ReplicationMessageColumnValueResolver.resolveValue(
                    column.name(),
                    type,
                    known.typeName(),
                    new Written(written),
                    () -> engine.connection().connection().unwrap(BaseConnection.class),
                    false,
                    types));
            return value == null ? "" : text.apply(value);
        };
    }

    ConnectorException missing(String table, String column) {
        return new ConnectorException(
                ConnectorException.Kind.UNEXPECTED,
                "missing-column",
                "table " + table + " no longer has " + column + "; correct " + manifest);
    }

    private ConnectorException unread(String table, SourceDatabase.Column column) {
        return new ConnectorException(
                ConnectorException.Kind.UNEXPECTED,
                "missing-column",
                "column " + column.name() + " of table " + table + " is of the type " + column.type()
                        + ", which the log's reader leaves out; correct " + manifest);
    }

    private Connected connected() {
        Connected engine = connected;
        if (engine == null) {
            PostgresConnection connection = new PostgresConnection(
                    config.getJdbcConfig(),
                    types -> PostgresValueConverter.of(config, StandardCharsets.UTF_8, types),
                    PostgresConnection.CONNECTION_GENERAL);
            engine = new Connected(
                    connection,
                    PostgresValueConverter.of(config, connection.getDatabaseCharset(), connection.getTypeRegistry()));
            connected = engine;
        }
        return engine;
    }

    private Column column(PostgresConnection connection, String table, String name) {
        try {
            return connection
                    .getTableColumnsForDecoder(new TableId(null, schema, table), config.getColumnFilter())
                    .stream()
                    .filter(column -> column.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> missing(table, name));
        } catch (SQLException e) {
            throw SourceDatabase.failed("does not tell the types of its columns", e);
        }
    }

    @Override
    public void close() {
        Connected engine = connected;
        if (engine != null) {
            engine.connection().close();
        }
    }

    /** A value as the log writes it. */
    private static final class Written extends AbstractColumnValue<String> {
        private final String text;

        Written(String text) {
            this.text = text;
        }

        @Override
        public String getRawValue() {
            return text;
        }

        @Override
        public boolean isNull() {
            return false;
        }

        @Override
        public String asString() {
            return text;
        }

        @Override
        public Boolean asBoolean() {
            return text.equals("t");
        }

        @Override
        public Integer asInteger() {
            return Integer.valueOf(text);
        }

        @Override
        public Long asLong() {
            return Long.valueOf(text);
        }

        @Override
        public Float asFloat() {
            return Float.valueOf(text);
        }

        @Override
        public Double asDouble() {
            return Double.valueOf(text);
        }

        @Override
        public SpecialValueDecimal asDecimal() {
            return PostgresValueConverter.toSpecialValue(text)
                    .orElseGet(() -> new SpecialValueDecimal(new BigDecimal(text)));
        }

        @Override
        public byte[] asByteArray() {
            return HexFormat.of().parseHex(text, 2, text.length());
        }
    }
}
