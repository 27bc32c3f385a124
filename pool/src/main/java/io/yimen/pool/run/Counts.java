package io.yimen.pool.run;

/**
 * Balanced counts of a stream's records: {@code read = applied + unchanged + stale + quarantined + withheld}.
 *
 * @param read observations taken in
 * @param applied changed the pool
 * @param unchanged newer position, same content
 * @param stale a repeat or an older position: changed nothing
 * @param quarantined waits in quarantine
 * @param withheld speaks of somebody who was erased: kept away, and nothing of it kept
 */
public record Counts(long read, long applied, long unchanged, long stale, long quarantined, long withheld) {
    public static final Counts ZERO = new Counts(0, 0, 0, 0, 0);

    /** Counts of which nothing was withheld. */
    public Counts(long read, long applied, long unchanged, long stale, long quarantined) {
        this(read, applied, unchanged, stale, quarantined, 0);
    }

    public Counts plus(Counts o) {
        return new Counts(
                read + o.read,
                applied + o.applied,
                unchanged + o.unchanged,
                stale + o.stale,
                quarantined + o.quarantined,
                withheld + o.withheld);
    }

    public boolean isBalanced() {
        return read == applied + unchanged + stale + quarantined + withheld;
    }
}
