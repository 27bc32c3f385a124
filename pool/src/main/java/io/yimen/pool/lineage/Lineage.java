package io.yimen.pool.lineage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.internal.JsonText;
import io.yimen.pool.survivorship.Golden;
import io.yimen.pool.survivorship.Rule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * Where every value of a golden record comes from, packed into one JSON object: field → {@code [stream, key, rule]},
 * with a fourth element, the list of flag codes, where the value is in doubt. {@code stream} is the number in table
 * {@code stream}; position and time of observation stand with the source record. Stream {@value #PEOPLE} is that of
 * people: {@code key} is the number of a correction.
 */
public final class Lineage {
    /** Number of the stream of corrections. */
    public static final int PEOPLE = 0;

    /** The stream of corrections; no source declares it. */
    public static final StreamId CORRECTIONS = new StreamId("yimen", "correction");

    private static final JsonFactory JSON = new JsonFactory();

    /**
     * Origin of one value.
     *
     * @param stream number of the stream
     * @param key key of the source record in it
     * @param rule {@link Rule#wireName()}
     * @param flags codes of doubts, mostly none
     */
    public record Origin(int stream, String key, String rule, List<String> flags) {
        public Origin {
            flags = List.copyOf(flags);
        }

        /** Whether a person's correction is what is published. */
        public boolean isCorrection() {
            return stream == PEOPLE;
        }
    }

    private Lineage() {}

    /** The packed lineage of a golden record. */
    public static String pack(Golden golden, ToIntFunction<StreamId> numbers) {
        JsonText json = new JsonText().object();
        for (int i = 0; i < golden.type().fields().size(); i++) {
            Claim winner = golden.winner(i);
            Rule rule = golden.rule(i);
            if (winner == null || rule == null) {
                continue;
            }
            StreamId stream = winner.ref().stream();
            json.key(golden.type().fields().get(i).name())
                    .array()
                    .number(rule == Rule.CORRECTED ? PEOPLE : numbers.applyAsInt(stream))
                    .string(winner.ref().key())
                    .string(rule.wireName());
            List<String> flags = golden.flags(i);
            if (!flags.isEmpty()) {
                json.array();
                flags.forEach(json::string);
                json.end();
            }
            json.end();
        }
        return json.end().toString();
    }

    /** Reads what {@link #pack} wrote, fields in its order. */
    public static Map<String, Origin> unpack(String json) {
        Map<String, Origin> origins = new LinkedHashMap<>();
        try (JsonParser in = JSON.createParser(json)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String field = in.currentName();
                in.nextToken();
                int stream = in.nextIntValue(0);
                String key = String.valueOf(in.nextTextValue());
                String rule = String.valueOf(in.nextTextValue());
                List<String> flags = new ArrayList<>();
                if (in.nextToken() == JsonToken.START_ARRAY) {
                    while (in.nextToken() != JsonToken.END_ARRAY) {
                        flags.add(in.getText());
                    }
                    in.nextToken();
                }
                origins.put(field, new Origin(stream, key, rule, flags));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("A packed lineage is not what it should be", e);
        }
        return Collections.unmodifiableMap(origins);
    }
}
