package io.yimen.connectors.extract;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.ConnectorException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the reading of a database over JDBC stands, as the pool keeps it.
 *
 * @param position how many pages have been read: the position of what the last of them said
 * @param tables by name
 * @param outbox the place in the outbox; null where there is none, or it is not remembered
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record JdbcOffset(
        @JsonProperty("position") long position,
        @JsonProperty("tables") Map<String, Table> tables,
        @JsonProperty("outbox") @Nullable Place outbox) {
    static final JdbcOffset START = new JdbcOffset(0, Map.of(), null);

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * How far a table has been read.
     *
     * @param read whether all of it has been read once
     * @param after the last key of the read of all rows that is under way, empty at its beginning; null if none is
     * @param mark the watermark up to which changes have been read; null if there is none yet
     * @param readAt when all rows were read last, in milliseconds
     * @param comparedAt when all keys were compared last, in milliseconds; 0 if they are to be now
     * @param window digest of what lies within the overlap and has been handed over; 0 if that is not known
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Table(
            @JsonProperty("read") boolean read,
            @JsonProperty("after") @Nullable List<String> after,
            @JsonProperty("mark") @Nullable String mark,
            @JsonProperty("readAt") long readAt,
            @JsonProperty("comparedAt") long comparedAt,
            @JsonProperty("window") long window) {
        /** Before its first read. */
        static Table unread() {
            return new Table(false, List.of(), null, 0, 0, 0);
        }

        /** All of it is to be read, the first time or again. */
        Table again(boolean first, @Nullable String from) {
            return new Table(!first && read, List.of(), from, readAt, comparedAt, window);
        }

        Table after(List<String> key) {
            return new Table(read, key, mark, readAt, comparedAt, window);
        }

        Table readWhole(long now) {
            return new Table(true, null, mark, now, 0, window);
        }

        Table marked(@Nullable String next) {
            return new Table(read, after, next, readAt, comparedAt, window);
        }

        Table known(long digest) {
            return new Table(read, after, mark, readAt, comparedAt, digest);
        }

        Table compared(long now) {
            return new Table(read, after, mark, readAt, now, window);
        }
    }

    /**
     * A place in the outbox.
     *
     * @param xid the transaction of the last row, where rows are ordered by it; otherwise 0
     * @param id number of the last row
     * @param gaps numbers below it that have not been seen and may still come
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Place(
            @JsonProperty("xid") long xid,
            @JsonProperty("id") long id,
            @JsonProperty("gaps") @Nullable List<Gap> gaps) {}

    /**
     * Numbers that have not been seen.
     *
     * @param since when they were missed first, in milliseconds
     */
    record Gap(
            @JsonProperty("from") long from,
            @JsonProperty("to") long to,
            @JsonProperty("since") long since) {}

    static JdbcOffset parse(String text) {
        try {
            return JSON.readValue(text, JdbcOffset.class);
        } catch (JsonProcessingException e) {
            throw new ConnectorException(
                    ConnectorException.Kind.CONFIGURATION, "offset", "the stored offset is not one of a database", e);
        }
    }

    String text() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    Table table(String name) {
        Table known = tables.get(name);
        return known == null ? Table.unread() : known;
    }

    JdbcOffset at(long next) {
        return new JdbcOffset(next, tables, outbox);
    }

    JdbcOffset with(String name, Table table) {
        Map<String, Table> changed = new TreeMap<>(tables);
        changed.put(name, table);
        return new JdbcOffset(position, changed, outbox);
    }

    JdbcOffset with(@Nullable Place place) {
        return new JdbcOffset(position, tables, place);
    }
}
