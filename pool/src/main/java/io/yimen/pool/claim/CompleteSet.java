package io.yimen.pool.claim;

import java.util.Set;

/**
 * Says that a full read of a {@link DeletePolicy#FULL_SET} stream has ended: records that are not among {@code keys}
 * are gone as of {@code position}.
 *
 * @param stream the stream that was read whole
 * @param keys every key that was seen, the quarantined ones included
 * @param position position of the read; deletes carry it
 * @param brake 0–1: if a larger share of the live records would be retired, nothing is, and the batch is refused with
 *     {@link io.yimen.pool.PoolException.Kind#BRAKE}
 */
public record CompleteSet(StreamShape stream, Set<String> keys, Position position, double brake) {
    public CompleteSet {
        if (brake < 0 || brake > 1) {
            throw new IllegalArgumentException("brake is a share between 0 and 1");
        }
    }
}
