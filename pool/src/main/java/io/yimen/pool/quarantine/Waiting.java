package io.yimen.pool.quarantine;

import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.StreamId;
import org.jspecify.annotations.Nullable;

/**
 * A record that waits, opened. Personal data: it is handed to a {@link Remapping} and kept nowhere.
 *
 * @param key as it was read, or a digest where it could not be
 * @param position its place in the source's order; what is made of it carries the same
 * @param reason why it waits
 * @param raw as received
 * @param edited what is to be taken in its place, if somebody mended it
 */
public record Waiting(
        long id,
        StreamId stream,
        String key,
        Position position,
        String reason,
        @Nullable String field,
        byte[] raw,
        byte @Nullable [] edited) {
    @Override
    public String toString() {
        return "waiting " + stream + "@" + position + " " + reason;
    }
}
