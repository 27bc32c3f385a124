package io.yimen.pool.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.model.EntityType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The packed form of a claim: columns {@code fields} and {@code flags} of {@code source_record}. A field that was
 * withdrawn stands as null, one that was never observed not at all; in memory they are the empty text and null.
 */
public final class PackedClaim {
    private static final JsonFactory JSON = new JsonFactory();

    private PackedClaim() {}

    static String fields(@Nullable String[] values, EntityType type) {
        JsonText json = new JsonText().object();
        for (int i = 0; i < values.length; i++) {
            String value = values[i];
            if (value != null) {
                json.key(type.fields().get(i).name());
                if (value.isEmpty()) {
                    json.nothing();
                } else {
                    json.string(value);
                }
            }
        }
        return json.end().toString();
    }

    static @Nullable String flags(List<Flag> flags) {
        if (flags.isEmpty()) {
            return null;
        }
        JsonText json = new JsonText().array();
        flags.forEach(f -> json.array().string(f.field()).string(f.code()).end());
        return json.end().toString();
    }

    /** Values in the order of the type's fields. */
    public static @Nullable String[] readFields(String json, EntityType type) {
        @Nullable String[] values = new String[type.fields().size()];
        try (JsonParser in = JSON.createParser(json)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                int index = type.findIndex(in.currentName()).orElse(-1);
                String value = in.nextTextValue();
                if (index >= 0) {
                    values[index] = value == null ? "" : value;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("A packed claim is not what it should be", e);
        }
        return values;
    }

    /** Column {@code stated_at}. */
    public static @Nullable Instant readStatedAt(ResultSet row, int column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    public static List<Flag> readFlags(@Nullable String json) {
        if (json == null) {
            return List.of();
        }
        List<Flag> flags = new ArrayList<>();
        try (JsonParser in = JSON.createParser(json)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.START_ARRAY) {
                flags.add(new Flag(String.valueOf(in.nextTextValue()), String.valueOf(in.nextTextValue())));
                in.nextToken();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Packed flags are not what they should be", e);
        }
        return flags;
    }
}
