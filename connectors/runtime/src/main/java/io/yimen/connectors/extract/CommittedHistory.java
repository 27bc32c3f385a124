package io.yimen.connectors.extract;

import io.debezium.config.Configuration;
import io.debezium.document.Document;
import io.debezium.document.DocumentReader;
import io.debezium.document.DocumentWriter;
import io.debezium.relational.history.AbstractSchemaHistory;
import io.debezium.relational.history.HistoryRecord;
import io.debezium.relational.history.HistoryRecordComparator;
import io.debezium.relational.history.SchemaHistory;
import io.debezium.relational.history.SchemaHistoryListener;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The structure of the captured tables over time. A row in the binary log has no column names: it can be read only with
 * the structure that its table had when it was written. That is kept in the pool with the offset that it belongs to.
 *
 * <p>Public with a constructor without arguments because the engine makes it by name.
 */
public final class CommittedHistory extends AbstractSchemaHistory {
    static final String KEPT = SchemaHistory.CONFIGURATION_FIELD_PREFIX_STRING + "yimen.kept";
    private static final Map<String, Kept> OPEN = new ConcurrentHashMap<>();

    private @Nullable Kept kept;

    /**
     * What is known with more statements.
     *
     * @param text what was kept; null for nothing
     * @param server as the engine calls it
     * @param offset the engine's offset, the place of the log at which the statements hold
     */
    static String with(
            @Nullable String text,
            String server,
            Map<String, Object> offset,
            String database,
            List<String> statements) {
        try (Kept kept = new Kept(text)) {
            for (String statement : statements) {
                kept.add(new HistoryRecord(Map.of("server", server), offset, database, null, statement, null, null));
            }
            return kept.text();
        }
    }

    /** What one run of the engine has noted down. Thread-safe; closed when the run has ended. */
    static final class Kept implements AutoCloseable {
        private final String name = UUID.randomUUID().toString();
        private final Set<String> records = new LinkedHashSet<>();
        private String text = "";
        private int packed;

        /** @param text what an earlier run kept; null for nothing */
        Kept(@Nullable String text) {
            if (text != null && !text.isEmpty()) {
                records.addAll(unpacked(text));
                packed = records.size();
                this.text = text;
            }
            OPEN.put(name, this);
        }

        /** By which the engine's instance finds it. */
        String name() {
            return name;
        }

        /** All records, as the pool keeps them. */
        synchronized String text() {
            if (packed != records.size()) {
                text = packed(records);
                packed = records.size();
            }
            return text;
        }

        synchronized boolean isEmpty() {
            return records.isEmpty();
        }

        private synchronized void add(HistoryRecord record) {
            try {
                Document document = record.document();
                // Read again after a restart, a statement is the same statement: when it was read does not tell it
                // apart.
                document.remove(HistoryRecord.Fields.TIMESTAMP);
                records.add(DocumentWriter.defaultWriter().write(document).replace('\n', ' '));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private synchronized List<String> all() {
            return new ArrayList<>(records);
        }

        @Override
        public void close() {
            OPEN.remove(name);
        }

        private static String packed(Set<String> documents) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
                zip.write(String.join("\n", documents).getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return Base64.getEncoder().encodeToString(bytes.toByteArray());
        }

        private static List<String> unpacked(String text) {
            try (GZIPInputStream zip = new GZIPInputStream(
                    new ByteArrayInputStream(Base64.getDecoder().decode(text)))) {
                return List.of(new String(zip.readAllBytes(), StandardCharsets.UTF_8).split("\n"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void configure(
            Configuration config,
            HistoryRecordComparator comparator,
            SchemaHistoryListener listener,
            boolean useCatalogBeforeSchema) {
        super.configure(config, comparator, listener, useCatalogBeforeSchema);
        kept = OPEN.get(config.getString(KEPT));
    }

    private Kept kept() {
        Kept open = kept;
        if (open == null) {
            throw new IllegalStateException("the run that this history belongs to has ended");
        }
        return open;
    }

    @Override
    protected void storeRecord(HistoryRecord record) {
        kept().add(record);
    }

    @Override
    protected void recoverRecords(Consumer<HistoryRecord> records) {
        for (String each : kept().all()) {
            try {
                records.accept(new HistoryRecord(DocumentReader.defaultReader().read(each)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public boolean storageExists() {
        return true;
    }

    @Override
    public boolean exists() {
        return !kept().isEmpty();
    }
}
