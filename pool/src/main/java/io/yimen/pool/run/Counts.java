package io.yimen.pool.run;

/**
 * Balanced counts of a stream's records: {@code read = applied + unchanged + stale + quarantined}.
 *
 * @param read observations taken in
 * @param applied changed the pool
 * @param unchanged newer position, same content
 * @param stale a repeat or an older position: changed nothing
 * @param quarantined waits in quarantine
 */
public record Counts(long read, long applied, long unchanged, long stale, long quarantined) {
    public static final Counts ZERO = new Counts(0, 0, 0, 0, 0);

    public Counts plus(Counts o) {
        return new Counts(
                read + o.read,
                applied + o.applied,
                unchanged + o.unchanged,
                stale + o.stale,
                quarantined + o.quarantined);
    }

    public boolean isBalanced() {
        return read == applied + unchanged + stale + quarantined;
    }
}
