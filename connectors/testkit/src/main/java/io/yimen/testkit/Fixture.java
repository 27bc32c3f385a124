package io.yimen.testkit;

import io.yimen.connectors.Connector;
import io.yimen.connectors.extract.Extractor;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.simulators.Door;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A source system as the kit plays with it: it runs when the fixture is made, holds some hundreds of records, stands
 * still by itself, and is stopped by {@link #close}. The kit calls from one thread at a time. What is written is there
 * for the next read when {@link #publish} has returned.
 *
 * <p>What a system cannot do is left out with a reason, see {@link Part}: the kit then reports the check as bypassed.
 */
public interface Fixture extends AutoCloseable {
    /** Id of the connector: its folder in the catalog. */
    String connector();

    /**
     * Its configuration, {@code yimen.connector.ID.PARAMETER} to value. Addresses go through the door, as in
     * {@code door.through(system.keys())}: then the kit itself lets the source be down, slow and rude.
     */
    Map<String, String> configuration(Door door);

    /** The stream with which the kit plays. */
    String stream();

    /** Keys of all records that the source holds for a stream at this moment, as the stream's {@code key} makes them. */
    Set<String> keys(Manifest.Stream stream) throws Exception;

    /**
     * A row of {@link #stream}, faultless, that the source does not hold: by column, the key's columns included.
     *
     * @param number another row for every number
     */
    Map<String, String> row(int number);

    /** Writes rows, all in one step where the source has such: those whose key is there are replaced. */
    void put(List<Map<String, String>> rows) throws Exception;

    /** Deletes the row with the key of this one. */
    void remove(Map<String, String> row) throws Exception;

    /** What was written before is to be seen now: a file is dropped, say. */
    default void publish() throws Exception {}

    /** Whether every read brings all records again; otherwise a read brings what is newer than the offset. */
    boolean rereads();

    /**
     * A text that the source's charset can just hold, rare characters included, in a column whose field says it as it
     * stands.
     */
    Probe text();

    /** Values that depend on the declared forms of dates and on time zones. */
    Part<List<Probe>> dates();

    /** A value that cannot be normalised. */
    Part<Probe> poison();

    /** How the form of the source changes. */
    Part<Drift> drift();

    /**
     * Fills the source with so many rows more that they do not fit where memory is short: 30 MiB of text or more. Comes
     * last; the source is not used for anything else afterwards.
     */
    Part<Crowd> large();

    /** How it is made to send, if it sends of its own accord; then the hub keeps no offset of it. */
    default Optional<Sending> sending() {
        return Optional.empty();
    }

    /** Through which door the connector comes to its source; another one where the source itself says where that is. */
    default Door line(Door door) {
        return door;
    }

    default Part<Trouble> down(Door door) {
        return Trouble.down(line(door));
    }

    default Part<Trouble> slow(Door door) {
        return Trouble.slow(line(door));
    }

    default Part<Trouble> rude(Door door) {
        return Trouble.rude(line(door));
    }

    /** What reads the source; others only in tests of the kit itself. */
    default Extractor extractor(Connector connector) {
        return connector.extractor();
    }
}
