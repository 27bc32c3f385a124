package io.yimen.bench.copy;

import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * What somebody would write who needs nothing but the rows: Debezium's engine, and for each of its batches one upsert a
 * table and one commit. A process of its own, with the class path of the peers.
 */
public final class EngineMain {
    private static final int KEY = 0;

    private EngineMain() {}

    /** Takes a file of properties: those of the engine, and {@code target.url}, {@code target.password}. */
    public static void main(String[] args) throws IOException, SQLException, InterruptedException {
        Properties properties = new Properties();
        try (var in = Files.newBufferedReader(Path.of(args[0]), StandardCharsets.UTF_8)) {
            properties.load(in);
        }
        Connection target = DriverManager.getConnection(
                properties.getProperty("target.url"), "postgres", properties.getProperty("target.password"));
        target.setAutoCommit(false);
        DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine = DebeziumEngine.create(Connect.class)
                .using(properties)
                .notifying(new Upserts(target))
                .using((success, message, error) -> System.out.println("ended: " + message))
                .build();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        executor.execute(engine);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                engine.close();
            } catch (IOException | IllegalStateException e) {
                System.out.println("not closed: " + e.getMessage());
            }
        }));
        executor.shutdown();
        executor.awaitTermination(1, TimeUnit.DAYS);
    }

    /** Writes batches. */
    private static final class Upserts
            implements DebeziumEngine.ChangeConsumer<ChangeEvent<SourceRecord, SourceRecord>> {
        private final Connection target;
        private final Map<String, Upsert> tables = new HashMap<>();

        Upserts(Connection target) {
            this.target = target;
        }

        @Override
        public void handleBatch(
                List<ChangeEvent<SourceRecord, SourceRecord>> records,
                RecordCommitter<ChangeEvent<SourceRecord, SourceRecord>> committer)
                throws InterruptedException {
            try {
                for (ChangeEvent<SourceRecord, SourceRecord> each : records) {
                    if (each.value().value() instanceof Struct change
                            && change.schema().field("after") != null) {
                        Struct row = change.getStruct("after");
                        if (row == null) {
                            throw new IllegalStateException("The bench deletes nothing");
                        }
                        table(change.getStruct("source").getString("table"), row.schema())
                                .add(row);
                    }
                }
                for (Upsert table : tables.values()) {
                    table.write(target);
                }
                target.commit();
            } catch (SQLException e) {
                throw new IllegalStateException("The target refused a batch", e);
            }
            committer.markProcessed(records.get(records.size() - 1));
            committer.markBatchFinished();
        }

        private Upsert table(String name, Schema schema) {
            return tables.computeIfAbsent(name, n -> new Upsert(n, schema));
        }
    }

    /** The rows of one table in a batch, the last of each key. */
    private static final class Upsert {
        private final List<Field> fields;
        private final String sql;
        private final Map<Object, Struct> rows = new LinkedHashMap<>();

        Upsert(String table, Schema schema) {
            fields = schema.fields();
            List<String> names = fields.stream().map(Field::name).toList();
            sql = "insert into " + table + " (" + String.join(", ", names) + ") select "
                    + fields.stream().map(Upsert::value).collect(Collectors.joining(", "))
                    + " from unnest(" + fields.stream().map(f -> "?").collect(Collectors.joining(", ")) + ") as r ("
                    + String.join(", ", names) + ") on conflict (" + names.get(KEY) + ") do update set "
                    + names.stream().skip(1).map(n -> n + " = excluded." + n).collect(Collectors.joining(", "));
        }

        /** A date comes as its number of days. */
        private static String value(Field field) {
            return "io.debezium.time.Date".equals(field.schema().name())
                    ? "date '1970-01-01' + " + field.name()
                    : field.name();
        }

        private static String type(Schema schema) {
            return switch (schema.type()) {
                case INT64 -> "bigint";
                case INT32 -> "integer";
                case STRING -> "text";
                default -> throw new IllegalStateException("The bench has no column of type " + schema.type());
            };
        }

        void add(Struct row) {
            rows.put(row.get(fields.get(KEY)), row);
        }

        void write(Connection target) throws SQLException {
            if (rows.isEmpty()) {
                return;
            }
            List<Struct> all = new ArrayList<>(rows.values());
            rows.clear();
            try (PreparedStatement statement = target.prepareStatement(sql)) {
                for (int f = 0; f < fields.size(); f++) {
                    Field field = fields.get(f);
                    @Nullable Object[] column = new @Nullable Object[all.size()];
                    for (int r = 0; r < column.length; r++) {
                        column[r] = all.get(r).get(field);
                    }
                    statement.setArray(f + 1, target.createArrayOf(type(field.schema()), column));
                }
                statement.executeUpdate();
            }
        }
    }
}
