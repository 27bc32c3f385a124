package io.yimen.pool.quarantine;

/**
 * What a raw form says under the mapping of today; given by whoever knows the mappings. Called once a record within the
 * pool's transaction, by one thread: it computes and waits for nothing.
 */
@FunctionalInterface
public interface Remapping {
    /** Never throws for what the record holds: that is {@link Remapped.Refused}. */
    Remapped remap(Waiting record);
}
