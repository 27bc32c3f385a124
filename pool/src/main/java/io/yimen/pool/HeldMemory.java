package io.yimen.pool;

/**
 * What a pool holds in memory of the records that it recognises by comparing them.
 *
 * @param records of which
 * @param compared bytes of their comparable values, blocks and pairs
 * @param keys bytes of what they are called
 * @param identified bytes of what they are identified by, and who holds each value
 */
public record HeldMemory(long records, long compared, long keys, long identified) {
    /** Nothing. */
    public static final HeldMemory NONE = new HeldMemory(0, 0, 0, 0);

    /** Both together. */
    public HeldMemory and(HeldMemory other) {
        return new HeldMemory(
                records + other.records, compared + other.compared, keys + other.keys, identified + other.identified);
    }
}
