package io.yimen.connectors.extract;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a database tells what changed; made for one attempt. */
interface JdbcChanges extends AutoCloseable {
    /** Before any table is read: notices where the order that the offset belongs to has begun anew. */
    void begin();

    /** Before a table is read whole: from where its changes are to be read afterwards. */
    JdbcOffset.Table from(JdbcTable table, JdbcOffset.Table state);

    /** A row has been handed over by a read of the whole table. */
    void handed(JdbcTable table, @Nullable String[] row);

    /** Hands over all that has changed since the last time. */
    void read(int pageSize);

    /** Whether a row of this key is passed over as long as it says the same. */
    boolean isPassedOver(JdbcTable table, List<String> key);

    /**
     * Rows of a table may have been retired: others than these are handed over whatever they say.
     *
     * @return whether no other was passed over
     */
    boolean retain(JdbcTable table, Set<List<String>> keys);

    @Override
    void close();
}
