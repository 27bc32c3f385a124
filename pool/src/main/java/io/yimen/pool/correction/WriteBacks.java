package io.yimen.pool.correction;

import io.yimen.pool.claim.RecordRef;
import java.util.List;

/**
 * What is to be put right in systems that take it, see {@link Policy#writable}. Only an act of a person brings one
 * about: accepting a correction, or upholding it. So the writes stop when the acts stop, whatever systems answer.
 * Thread-safe.
 */
public interface WriteBacks {
    /**
     * A value to be put right.
     *
     * @param field canonical
     * @param says what the pool knows that the record says, opened; empty: nothing
     * @param right what it should say, likewise
     */
    record Order(long ticket, RecordRef record, String field, String says, String right) {
        @Override
        public String toString() {
            return "write-back of ticket " + ticket;
        }
    }

    /**
     * Takes the orders of a system whose time has come. Each is noted as being written before this returns, so that no
     * crash can make its echo look like news; one that nothing is reported of comes again, later each time.
     */
    List<Order> take(String source, int limit);

    /** The system says what is right by now; leaves an audit line. */
    void written(long ticket);

    /**
     * The system does not take it: its owner has to.
     *
     * @param code why, as {@code constraint}; never a value
     */
    void refused(long ticket, String code);
}
