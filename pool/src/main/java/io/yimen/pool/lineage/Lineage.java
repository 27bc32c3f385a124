package io.yimen.pool.lineage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
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
import java.util.StringJoiner;
import java.util.function.ToIntFunction;

/**
 * Where every value of a golden record comes from, packed into one JSON array with a group for each origin:
 * {@code [stream, key, rule, fields]}, the names of the fields apart by blanks, and a fifth element, the list of flag
 * codes, where the values are in doubt. Most values of a record come from one or two others, and what is packed is
 * written twice, with the entity and with its change. {@code stream} is the number in table {@code stream}; position and
 * time of observation stand with the source record. Stream {@value #PEOPLE} is that of people: {@code key} is the number
 * of a correction.
 *
 * <p>What was written before has an object, field → {@code [stream, key, rule]}, with the flags as fourth element. It
 * stays as it is; functions {@code lineage_origins} and {@code lineage_without} of the schema know both forms as well.
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
        List<Share> shares = new ArrayList<>();
        for (int i = 0; i < golden.type().fields().size(); i++) {
            Claim winner = golden.winner(i);
            Rule rule = golden.rule(i);
            if (winner != null && rule != null) {
                share(shares, winner.ref(), rule, golden.flags(i))
                        .fields
                        .add(golden.type().fields().get(i).name());
            }
        }
        JsonText json = new JsonText().array();
        for (Share share : shares) {
            json.array()
                    .number(share.rule == Rule.CORRECTED ? PEOPLE : numbers.applyAsInt(share.ref.stream()))
                    .string(share.ref.key())
                    .string(share.rule.wireName())
                    .string(share.fields.toString());
            if (!share.flags.isEmpty()) {
                json.array();
                share.flags.forEach(json::string);
                json.end();
            }
            json.end();
        }
        return json.end().toString();
    }

    /** What one record won for the same reason and with the same doubts. */
    private record Share(RecordRef ref, Rule rule, List<String> flags, StringJoiner fields) {}

    // A record has few shares: looking through them is quicker than hashing each value's origin.
    private static Share share(List<Share> shares, RecordRef ref, Rule rule, List<String> flags) {
        for (Share share : shares) {
            if (share.ref.equals(ref) && share.rule == rule && share.flags.equals(flags)) {
                return share;
            }
        }
        Share share = new Share(ref, rule, flags, new StringJoiner(" "));
        shares.add(share);
        return share;
    }

    /** Reads what {@link #pack} writes and what it wrote before: field → origin. */
    public static Map<String, Origin> unpack(String json) {
        Map<String, Origin> origins = new LinkedHashMap<>();
        try (JsonParser in = JSON.createParser(json)) {
            if (in.nextToken() == JsonToken.START_ARRAY) {
                while (in.nextToken() == JsonToken.START_ARRAY) {
                    int stream = in.nextIntValue(0);
                    String key = String.valueOf(in.nextTextValue());
                    String rule = String.valueOf(in.nextTextValue());
                    String fields = String.valueOf(in.nextTextValue());
                    Origin origin = new Origin(stream, key, rule, flags(in));
                    for (String field : fields.split(" ")) {
                        origins.put(field, origin);
                    }
                }
            } else {
                while (in.nextToken() == JsonToken.FIELD_NAME) {
                    String field = in.currentName();
                    in.nextToken();
                    int stream = in.nextIntValue(0);
                    String key = String.valueOf(in.nextTextValue());
                    String rule = String.valueOf(in.nextTextValue());
                    origins.put(field, new Origin(stream, key, rule, flags(in)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("A packed lineage is not what it should be", e);
        }
        return Collections.unmodifiableMap(origins);
    }

    /** The flags of an origin, if it has any, and the end of its array. */
    private static List<String> flags(JsonParser in) throws IOException {
        List<String> flags = new ArrayList<>();
        if (in.nextToken() == JsonToken.START_ARRAY) {
            while (in.nextToken() != JsonToken.END_ARRAY) {
                flags.add(in.getText());
            }
            in.nextToken();
        }
        return flags;
    }
}
