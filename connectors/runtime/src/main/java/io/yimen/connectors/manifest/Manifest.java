package io.yimen.connectors.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A checked {@code connector.yaml}. Texts with <code>${name}</code> still wait for their parameters, see
 * {@link Parameters}.
 *
 * @param file where it was read, for messages
 * @param system the source system
 * @param parameters what the configuration gives, by name, in the order of the manifest
 * @param settings how the system is read
 * @param streams what is read, in the order of the manifest
 * @param texts all texts of the settings, parameters not filled in: where one names an address by itself, it counts
 */
public record Manifest(
        String file,
        SourceInfo system,
        Map<String, Parameter> parameters,
        Settings settings,
        List<Stream> streams,
        List<String> texts) {
    public Manifest {
        parameters = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(parameters));
        streams = List.copyOf(streams);
        texts = List.copyOf(texts);
    }

    public String id() {
        return system.id();
    }

    /** The same with these streams. */
    public Manifest withStreams(List<Stream> others) {
        return new Manifest(file, system, parameters, settings, others, texts);
    }

    /** The kind of source, as the manifest writes it. */
    public String kind() {
        return settings.kind();
    }

    /** Whether no stream needs the column: its fields may all do without, and no key has it. */
    public boolean isOptional(String column) {
        return streams.stream()
                .allMatch(s -> !s.key().contains(column)
                        && s.fields().stream()
                                .filter(f -> f.from().contains(column))
                                .allMatch(FieldRule::optional));
    }

    public List<StreamShape> shapes() {
        return streams.stream().map(s -> s.shape(id())).toList();
    }

    /** A value that the configuration gives under {@code yimen.connector.<id>.<name>}. */
    public record Parameter(
            String name,
            boolean required,
            boolean secret,
            @Nullable String defaultValue,
            String description) {}

    /** How the system is read; one record a kind. */
    public sealed interface Settings
            permits Capture, MysqlCapture, Jdbc, RestSettings, FileDropSettings, Push, Topic, Soap {
        String kind();

        /** Zone of times without one. */
        String timeZone();
    }

    /** Settings of {@code capture-postgres}. */
    public record Capture(
            String url,
            String username,
            String password,
            String schema,
            String slot,
            String publication,
            String timeZone)
            implements Settings {
        @Override
        public String kind() {
            return "capture-postgres";
        }
    }

    /**
     * Settings of {@code capture-mysql}.
     *
     * @param charsets what the text columns of a table hold, by table, where it is not what the database says
     */
    public record MysqlCapture(
            String url, String username, String password, Map<String, Charset> charsets, String timeZone)
            implements Settings {
        public MysqlCapture {
            charsets = Map.copyOf(charsets);
        }

        @Override
        public String kind() {
            return "capture-mysql";
        }
    }

    /**
     * /**
     * Settings of {@code poll-jdbc} and {@code outbox-jdbc}.
     *
     * @param driver class of the JDBC driver; null for the one that belongs to the address
     * @param schema what the tables lie in; null for where the user is put
     * @param charsets what the text columns of a table hold, by table, where it is not what the database says
     * @param interval pause between two looks
     * @param timeout longest wait for the answer to a statement
     * @param pageSize rows a statement
     * @param tables every table that a stream reads, by name
     * @param outbox where triggers note what changed; null where the tables are asked themselves
     */
    public record Jdbc(
            String url,
            @Nullable String driver,
            String username,
            String password,
            @Nullable String schema,
            Map<String, Charset> charsets,
            String interval,
            String timeout,
            int pageSize,
            String timeZone,
            Map<String, Table> tables,
            @Nullable Outbox outbox)
            implements Settings {
        public Jdbc {
            charsets = Map.copyOf(charsets);
            tables = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(tables));
        }

        @Override
        public String kind() {
            return outbox == null ? "poll-jdbc" : "outbox-jdbc";
        }

        /**
         * How a table or view is read.
         *
         * @param key columns that identify a row, in the order in which they are paged
         * @param watermark column that grows with every change; null if there is none, and it is only read as a whole
         * @param overlap how far behind the watermark rows are read again: a duration, or a number
         * @param whole how often it is compared as a whole
         * @param rows whether that reads whole rows, not only keys
         */
        public record Table(List<String> key, @Nullable String watermark, String overlap, String whole, boolean rows) {
            public Table {
                key = List.copyOf(key);
            }
        }

        /**
         * The table that triggers write to.
         *
         * @param delete whether rows are deleted from it once they are applied; else its place is remembered
         * @param lookBack how long a number that is missing in it is waited for, where the place is remembered
         */
        public record Outbox(String table, boolean delete, String lookBack) {}
    }

    /**
     * Settings of {@code push}.
     *
     * @param secret what the sender shows or signs with
     * @param signed whether it signs
     * @param window how old a signature may be
     * @param maxBytes largest body taken
     * @param maxEvents most events of one body
     * @param sequenced whether the attribute {@code sequence} is the position, not {@code time}
     * @param events what the types of events mean
     * @param refuse members of the data, in lower case, with which an event waits in quarantine, without its data
     */
    public record Push(
            String secret,
            boolean signed,
            String window,
            int maxBytes,
            int maxEvents,
            boolean sequenced,
            Map<String, Meaning> events,
            Set<String> refuse,
            String timeZone)
            implements Settings {
        /** Of which streams a type of event tells a record, and whether it tells its end. */
        public record Meaning(List<String> streams, boolean deleted) {
            public Meaning {
                streams = List.copyOf(streams);
            }
        }

        public Push {
            events = Map.copyOf(events);
            refuse = Set.copyOf(refuse);
        }

        @Override
        public String kind() {
            return "push";
        }
    }

    /**
     * Settings of {@code kafka-topic}.
     *
     * @param jsonKey whether keys are JSON objects, whose members are columns; else a key is the column kafka-key
     * @param properties of the client, besides those that the hub sets
     */
    public record Topic(
            String servers, boolean jsonKey, Security security, Map<String, String> properties, String timeZone)
            implements Settings {
        /**
         * How the cluster is reached; each may be a parameter that is not set.
         *
         * @param authorities file with the certificates that are trusted, PEM
         */
        public record Security(
                String protocol, String mechanism, String username, String password, String authorities) {}

        public Topic {
            properties = Map.copyOf(properties);
        }

        @Override
        public String kind() {
            return "kafka-topic";
        }
    }

    /**
     * Settings of {@code soap}.
     *
     * @param wsdl where the service describes itself
     * @param operation its name there
     * @param version of SOAP, where the service speaks both; null for whichever it speaks
     * @param arguments of the operation, in their order; <code>{page}</code> and <code>{size}</code> stand for the
     *     page's number and size
     * @param token who calls; null where the service does not ask
     * @param payloadPath of an element whose text is XML in its turn, from the envelope on; null where rows are elements
     * @param pages what it has in common with other paged resources; paths begin at the envelope, or in the payload
     */
    public record Soap(
            String wsdl,
            String operation,
            @Nullable String version,
            Map<String, String> arguments,
            @Nullable Token token,
            @Nullable String payloadPath,
            RestSettings pages)
            implements Settings {
        /** A username token of WS-Security. */
        public record Token(String username, String password, boolean digested) {}

        public Soap {
            arguments = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(arguments));
        }

        @Override
        public String kind() {
            return "soap";
        }

        @Override
        public String timeZone() {
            return pages.timeZone();
        }
    }

    /**
     * What one stream takes from its system.
     *
     * @param from table or topic; empty where the system has one resource
     * @param key columns that identify a record, in the order in which they are joined
     * @param when rows that belong to the stream; null for all
     * @param brake share of live records above which a complete set retires nothing and asks
     * @param updated where a row says when it last changed; null if the source does not say
     * @param writeBack what the system lets be put right in it; null for nothing
     */
    public record Stream(
            String id,
            String from,
            String entity,
            List<String> key,
            @Nullable Condition when,
            int trust,
            boolean uniqueRecords,
            DeletePolicy deletes,
            double brake,
            @Nullable Updated updated,
            @Nullable WriteBack writeBack,
            List<FieldRule> fields,
            List<Example> tests) {
        public Stream {
            key = List.copyOf(key);
            fields = List.copyOf(fields);
            tests = List.copyOf(tests);
        }

        /** The same with these fields; what may be written back is among them. */
        public Stream withFields(List<FieldRule> others) {
            Set<String> names = new java.util.HashSet<>();
            others.forEach(f -> names.add(f.name()));
            WriteBack back = writeBack;
            if (back != null) {
                Set<String> left = new java.util.HashSet<>(back.fields());
                left.retainAll(names);
                back = left.isEmpty() ? null : new WriteBack(left, back.set(), back.touch());
            }
            return new Stream(
                    id, from, entity, key, when, trust, uniqueRecords, deletes, brake, updated, back, others, tests);
        }

        public StreamShape shape(String source) {
            return new StreamShape(
                    new StreamId(source, id),
                    entity,
                    fields.stream().map(FieldRule::name).toList(),
                    trust,
                    uniqueRecords,
                    deletes);
        }
    }

    /** A row belongs to the stream if the column's value is among {@code values}, or is not if {@code negated}. */
    public record Condition(String column, Set<String> values, boolean negated) {
        public Condition {
            values = Set.copyOf(values);
        }
    }

    /**
     * Where a row says when it last changed.
     *
     * @param pattern of a time that is not written the ISO way; null otherwise
     * @param timeZone of a time without one, where it differs from the settings; null otherwise
     */
    public record Updated(
            String from, @Nullable String pattern, @Nullable String timeZone) {}

    /**
     * What a system lets be put right in it.
     *
     * @param fields canonical fields, each of which has a way back
     * @param set what is written beside them, by column: who it was, where a row says so
     * @param touch column that is set to the time of the writing; null for none
     */
    public record WriteBack(
            Set<String> fields,
            Map<String, String> set,
            @Nullable String touch) {
        public WriteBack {
            fields = Set.copyOf(fields);
            set = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(set));
        }
    }

    /**
     * How one canonical field is made.
     *
     * @param name canonical field
     * @param from columns
     * @param function name of the function
     * @param optional whether the source may leave the columns out altogether
     * @param empty raw values that mean nothing
     * @param purpose what the field is needed for, as the approved request says
     * @param options the rule as written, for the options of its function
     */
    public record FieldRule(
            String name,
            List<String> from,
            String function,
            boolean optional,
            Set<String> empty,
            String purpose,
            JsonNode options) {
        /** Functions of which a canonical value does not tell the raw one. */
        private static final Set<String> ONE_WAY =
                Set.of("constant", "concat", "reference", "ending", "timestamp", "html");

        public FieldRule {
            from = List.copyOf(from);
            empty = Set.copyOf(empty);
        }

        /** Whether there is a way from the canonical value back into the column. */
        public boolean isReversible() {
            return !ONE_WAY.contains(function);
        }
    }

    /**
     * A test that a stream carries: what becomes of a row.
     *
     * @param line where it stands, for messages
     */
    public record Example(String name, int line, JsonNode body) {}
}
