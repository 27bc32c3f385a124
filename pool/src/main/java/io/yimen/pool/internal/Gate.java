package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What every change event passes before it may be applied. What could not be stored, or is not of its field's kind, is
 * turned away by itself, so that it harms no other record of its batch. Sensitive values are sealed here and stand in
 * clear nowhere after.
 *
 * <p>For one batch; not thread-safe.
 */
public final class Gate {
    private static final int LONGEST_KEY = 500;
    private static final int LARGEST_RECORD = 1 << 20;
    // What the database's calendar and everybody else's have in common.
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999Z");

    private final PoolModel model;
    private final Vault vault;
    private final IdentityHashMap<StreamShape, Layout> layouts = new IdentityHashMap<>();

    /** Where a shape's fields stand among those of its type. */
    private record Layout(int[] index, boolean[] carried) {}

    /** Either side of the gate; exactly one is present. */
    public record Passed(
            @Nullable Observation observation, @Nullable Rejected rejected) {}

    /** A reference in stored form. */
    public record Target(String name, String value) {}

    public Gate(PoolModel model, Vault vault) {
        this.model = model;
        this.vault = vault;
    }

    /**
     * @throws PoolException {@code INVALID} if the event has fields that its type lacks
     */
    public Passed pass(ChangeEvent event, DeclaredStream stream) {
        String keyFault = keyFault(event.key());
        if (keyFault != null) {
            return turnedAway(event, keyFault, null, "The key cannot be stored: see the raw record");
        }
        RecordRef ref = new RecordRef(stream.id(), event.key());
        if (event.isDeleted()) {
            return new Passed(Observation.gone(stream, ref, event.position()), null);
        }
        EntityType type = stream.type();
        Instant statedAt = event.statedAt();
        if (statedAt != null && (statedAt.isBefore(EARLIEST) || statedAt.isAfter(LATEST))) {
            return turnedAway(event, "invalid-timestamp", null, "The time that the source states is none: correct it");
        }
        Layout layout = layouts.computeIfAbsent(event.stream(), shape -> layout(shape, type));
        int[] index = layout.index;
        @Nullable String[] values = new String[type.fields().size()];
        long size = 0;
        for (int i = 0; i < index.length; i++) {
            String value = event.value(i);
            values[index[i]] = value;
            if (value == null || value.isEmpty()) {
                continue;
            }
            Field field = type.fields().get(index[i]);
            String fault = textFault(value);
            if (fault != null) {
                return turnedAway(event, fault, field.name(), "The value cannot be stored: correct it at the source");
            }
            size += value.length();
            if (size > LARGEST_RECORD / 3 && utf8Size(event, index.length) > LARGEST_RECORD) {
                return turnedAway(event, "too-large", field.name(), "A record may hold 1 MiB of text");
            }
            if (!field.kind().admits(value)) {
                return turnedAway(
                        event,
                        "invalid-" + field.kind().wireName(),
                        field.name(),
                        "Not a " + field.kind().wireName() + ": check the mapping of " + stream.id());
            }
            if (field.isSensitive()) {
                values[index[i]] = vault.seal(value);
            } else if (field.isReference()) {
                Optional<String> stored = storedReference(value, field);
                if (stored.isEmpty()) {
                    return turnedAway(
                            event,
                            "invalid-reference",
                            field.name(),
                            "Not a reference to a " + field.to() + ": check the mapping of " + stream.id());
                }
                values[index[i]] = stored.get();
            }
        }
        List<Flag> flags = event.flags();
        for (Flag flag : flags) {
            if (type.findIndex(flag.field()).isEmpty() || textFault(flag.code()) != null) {
                throw new PoolException(
                        PoolException.Kind.INVALID, stream.id() + " flags a field that " + type + " has not");
            }
        }
        return new Passed(
                new Observation(stream, ref, event.position(), false, values, layout.carried, flags, statedAt), null);
    }

    /** Makes a rejected record storable, whatever it holds. */
    public static Rejected storable(Rejected rejected) {
        String field = rejected.field();
        boolean sound = keyFault(rejected.key()) == null
                && textFault(rejected.message()) == null
                && textFault(rejected.reason()) == null
                && (field == null || textFault(field) == null);
        return sound
                ? rejected
                : new Rejected(
                        rejected.stream(),
                        keyFault(rejected.key()) == null ? rejected.key() : digestOf(rejected.key()),
                        rejected.position(),
                        clean(rejected.reason()),
                        field == null ? null : clean(field),
                        clean(rejected.message()),
                        rejected.raw());
    }

    /** Splits the stored form of a reference. */
    public static Target target(String reference) {
        int colon = reference.indexOf(':');
        return new Target(reference.substring(0, colon), reference.substring(colon + 1));
    }

    private Optional<String> storedReference(String reference, Field field) {
        int colon = reference.indexOf(':');
        if (colon <= 0) {
            return Optional.empty();
        }
        String name = reference.substring(0, colon);
        String value = reference.substring(colon + 1);
        if (name.equals("record")) {
            int first = value.indexOf('/');
            int second = value.indexOf('/', first + 1);
            boolean whole = first > 0 && second > first + 1 && second < value.length() - 1;
            return whole && value.length() <= LONGEST_KEY + 200 ? Optional.of(reference) : Optional.empty();
        }
        return model.findIdentifier(name)
                .filter(i -> i.type().name().equals(field.to()))
                .flatMap(i -> i.rule().valueOf(value, vault))
                .map(stored -> name + ":" + stored);
    }

    private static Layout layout(StreamShape shape, EntityType type) {
        int[] index = new int[shape.fields().size()];
        boolean[] carried = new boolean[type.fields().size()];
        for (int i = 0; i < index.length; i++) {
            String field = shape.fields().get(i);
            index[i] = type.findIndex(field)
                    .orElseThrow(() -> new PoolException(
                            PoolException.Kind.INVALID, shape.id() + ": " + type + " has no field " + field));
            carried[index[i]] = true;
        }
        return new Layout(index, carried);
    }

    private static Passed turnedAway(ChangeEvent event, String reason, @Nullable String field, String message) {
        String key = keyFault(event.key()) == null ? event.key() : digestOf(event.key());
        Rejected rejected =
                new Rejected(event.stream().id(), key, event.position(), reason, field, message, raw(event));
        return new Passed(null, rejected);
    }

    private static byte[] raw(ChangeEvent event) {
        JsonText json = new JsonText().object();
        json.key("key").string(event.key()).key("values").object();
        if (!event.isDeleted()) {
            for (int i = 0; i < event.stream().fields().size(); i++) {
                String value = event.value(i);
                if (value != null) {
                    json.key(event.stream().fields().get(i)).string(value);
                }
            }
        }
        json.end();
        if (event.statedAt() != null) {
            json.key("updated").string(event.statedAt().toString());
        }
        return json.end().toString().getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable String keyFault(String key) {
        String fault = textFault(key);
        return fault == null && key.length() > LONGEST_KEY ? "key-too-long" : fault;
    }

    /** Whether PostgreSQL takes it. */
    static boolean isStorable(String text) {
        return textFault(text) == null;
    }

    private static @Nullable String textFault(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return "nul-character";
            }
            if (Character.isSurrogate(c)) {
                if (Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1))) {
                    i++;
                } else {
                    return "broken-character";
                }
            }
        }
        return null;
    }

    private static long utf8Size(ChangeEvent event, int fields) {
        long size = 0;
        for (int i = 0; i < fields; i++) {
            String value = event.value(i);
            size += value == null ? 0 : value.getBytes(StandardCharsets.UTF_8).length;
        }
        return size;
    }

    private static String digestOf(String key) {
        return "sha256:" + HexFormat.of().formatHex(new Fingerprint().add(key).brief());
    }

    private static String clean(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints()
                .map(c -> c == 0 || (c >= 0xD800 && c <= 0xDFFF) ? 0xFFFD : c)
                .forEach(out::appendCodePoint);
        return out.toString();
    }
}
