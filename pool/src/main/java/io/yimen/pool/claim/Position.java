package io.yimen.pool.claim;

/**
 * The place of an observation in its source's own order. Positions of one stream are comparable; positions of
 * different streams are not.
 *
 * @param epoch raised when the source's order starts anew (another timeline, a restored backup); otherwise 0
 * @param offset grows with the source's order within an epoch: a log sequence number, a run number, a file number
 *     with its line; never negative
 */
public record Position(int epoch, long offset) implements Comparable<Position> {
    public Position {
        if (epoch < 0 || offset < 0) {
            throw new IllegalArgumentException("A position is not negative");
        }
    }

    /** A position in epoch 0. */
    public static Position of(long offset) {
        return new Position(0, offset);
    }

    @Override
    public int compareTo(Position other) {
        int byEpoch = Integer.compare(epoch, other.epoch);
        return byEpoch != 0 ? byEpoch : Long.compare(offset, other.offset);
    }

    /** Wire form {@code epoch/offset}. */
    @Override
    public String toString() {
        return epoch + "/" + offset;
    }
}
