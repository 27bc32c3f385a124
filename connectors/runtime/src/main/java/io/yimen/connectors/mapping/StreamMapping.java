package io.yimen.connectors.mapping;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamShape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From raw rows of a resource to the change events of one stream; compiled once, then used by one thread at a time.
 * Each row ends in exactly one call of {@link Output}.
 */
public final class StreamMapping {
    /** Largest row that is taken; larger ones go to quarantine. */
    public static final int LARGEST_ROW = 1 << 20;

    /** What keys begin with that stand for a record whose own key cannot be read or stored. */
    public static final String DIGEST = "sha256:";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Takes what became of a row. */
    public interface Output {
        void event(ChangeEvent event);

        void rejected(Rejected rejected);

        /** The row does not belong to the stream; the key is that which it would have, empty where it has none. */
        void skipped(StreamMapping mapping, String key);
    }

    private final StreamShape shape;
    private final Columns columns;
    private final int[] key;
    private final int[] used;
    private final Functions.Compiled[] functions;
    private final Functions.@Nullable Stated stated;
    private final Manifest.@Nullable Condition when;
    private final int whenColumn;

    private StreamMapping(
            StreamShape shape,
            Columns columns,
            int[] key,
            int[] used,
            Functions.Compiled[] functions,
            Functions.@Nullable Stated stated,
            Manifest.@Nullable Condition when,
            int whenColumn) {
        this.shape = shape;
        this.columns = columns;
        this.key = key;
        this.used = used;
        this.functions = functions;
        this.stated = stated;
        this.when = when;
        this.whenColumn = whenColumn;
    }

    /**
     * @param columns must hold every column that the stream names, see {@link Columns#of}
     * @param zone zone of times without one
     */
    public static StreamMapping compile(Manifest.Stream stream, String source, Columns columns, ZoneId zone) {
        Functions functions = new Functions(columns, zone);
        Columns own = Columns.of(List.of(stream));
        return new StreamMapping(
                stream.shape(source),
                columns,
                stream.key().stream().mapToInt(columns::indexOf).toArray(),
                own.names().stream().mapToInt(columns::indexOf).toArray(),
                stream.fields().stream().map(functions::compile).toArray(Functions.Compiled[]::new),
                stream.updated() == null ? null : functions.stated(stream.updated()),
                stream.when(),
                stream.when() == null ? -1 : columns.indexOf(stream.when().column()));
    }

    public StreamShape shape() {
        return shape;
    }

    /** Maps one row; the array is not kept. */
    public void map(@Nullable String[] row, Position position, Output out) {
        String recordKey = keyOf(row);
        try {
            if ((!recordKey.isEmpty() || isKey(whenColumn)) && !belongs(row)) {
                // Whatever else is wrong with it is for the streams that it belongs to.
                out.skipped(this, recordKey);
                return;
            }
            checkSize(row);
            if (recordKey.isEmpty()) {
                throw new Unfit("missing-key", columns.names().get(key[0]), "is empty, but identifies the record");
            }
            @Nullable String[] values = new @Nullable String[functions.length];
            List<Flag> flags = new ArrayList<>(0);
            for (int i = 0; i < functions.length; i++) {
                values[i] = functions[i].apply(row, flags);
            }
            Instant statedAt = stated == null ? null : stated.apply(row);
            out.event(ChangeEvent.upserted(shape, recordKey, position, values, flags, statedAt));
        } catch (Unfit unfit) {
            out.rejected(reject(row, recordKey, position, unfit.reason(), unfit.column(), unfit.message()));
        }
    }

    /** The record's key; empty where the row does not carry it. */
    public String keyOf(@Nullable String[] row) {
        if (key.length == 1) {
            String value = row[key[0]];
            return value == null ? "" : Text.compact(value);
        }
        StringBuilder joined = new StringBuilder();
        for (int i = 0; i < key.length; i++) {
            String value = row[key[i]];
            String part = value == null ? "" : Text.compact(value);
            if (part.isEmpty()) {
                return "";
            }
            joined.append(i == 0 ? "" : "|").append(part.replace('|', '/'));
        }
        return joined.toString();
    }

    /** A rejection of a row of this stream. */
    public Rejected reject(
            @Nullable String[] row,
            String recordKey,
            Position position,
            String reason,
            @Nullable String column,
            String message) {
        byte[] raw = raw(row);
        // A key with a NUL cannot be stored as text, an endless one not in an index: a digest serves for both.
        boolean storable = !recordKey.isEmpty() && recordKey.length() <= 200 && recordKey.indexOf('\0') < 0;
        String text = column == null ? message : column + " " + message;
        return new Rejected(shape.id(), storable ? recordKey : digest(raw), position, reason, column, text, raw);
    }

    /** A key for what has none: a digest of its raw form. */
    public static String digest(byte[] raw) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(raw);
            return DIGEST + HexFormat.of().formatHex(Arrays.copyOf(hash, 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private void checkSize(@Nullable String[] row) {
        long chars = 0;
        for (int column : used) {
            String value = row[column];
            if (value == null) {
                continue;
            }
            chars += value.length();
            if (value.indexOf('\0') >= 0) {
                String charset = Undecoded.charsetOf(value);
                if (charset != null) {
                    throw new Unfit(
                            "undecodable", columns.names().get(column), "holds bytes that are no text in " + charset);
                }
                Unfit unusable = Unusable.find(value, columns.names().get(column));
                if (unusable != null) {
                    throw unusable;
                }
                throw new Unfit("nul-character", columns.names().get(column), "holds a NUL character");
            }
        }
        if (chars * 3 > LARGEST_ROW && bytesOf(row) > LARGEST_ROW) {
            throw new Unfit("too-large", columns.names().get(longest(row)), "makes the record larger than 1 MiB");
        }
    }

    private long bytesOf(@Nullable String[] row) {
        long bytes = 0;
        for (int column : used) {
            String value = row[column];
            bytes += value == null ? 0 : value.getBytes(StandardCharsets.UTF_8).length;
        }
        return bytes;
    }

    private int longest(@Nullable String[] row) {
        int longest = used[0];
        int length = -1;
        for (int column : used) {
            String value = row[column];
            if (value != null && value.length() > length) {
                length = value.length();
                longest = column;
            }
        }
        return longest;
    }

    private boolean isKey(int column) {
        for (int part : key) {
            if (part == column) {
                return true;
            }
        }
        return false;
    }

    /** Whether a row belongs to the stream. */
    public boolean belongs(@Nullable String[] row) {
        if (when == null) {
            return true;
        }
        String value = row[whenColumn];
        return when.values().contains(value == null ? "" : Text.trim(value)) != when.negated();
    }

    /** The columns of the stream and no others, as a JSON object. */
    private byte[] raw(@Nullable String[] row) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            for (int column : used) {
                if (row[column] != null) {
                    json.writeStringField(columns.names().get(column), row[column]);
                }
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
