package io.yimen.testkit;

/**
 * A value that the kit puts into a row, and what has to come of it.
 *
 * @param column column of the source
 * @param raw what is written there
 * @param field field of the stream; {@link #UPDATED} for the time that the row states
 * @param expected the field's value in the pool; for a poison row the reason of its rejection
 */
public record Probe(String column, String raw, String field, String expected) {
    /** Stands for the time that a row states for itself, in UTC. */
    public static final String UPDATED = "@updated";
}
