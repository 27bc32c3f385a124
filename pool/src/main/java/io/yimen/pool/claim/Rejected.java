package io.yimen.pool.claim;

import org.jspecify.annotations.Nullable;

/**
 * A source record that could not be normalised and goes to quarantine.
 *
 * @param stream where it was read
 * @param key its key, or a digest of its raw form where the key itself cannot be read
 * @param position its place in the source's order
 * @param reason stable code, e.g. {@code malformed-xml}, {@code invalid-id-number}
 * @param field the source field at fault, if one is
 * @param message what failed and what to do, without the value itself
 * @param raw the record as received, decoded bytes or text in UTF-8; sealed before it is stored
 */
public record Rejected(
        StreamId stream,
        String key,
        Position position,
        String reason,
        @Nullable String field,
        String message,
        byte[] raw) {
    @Override
    public String toString() {
        return "rejected " + stream + "@" + position + " " + reason;
    }
}
