package io.yimen.bench.copy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Where rows are read once they are copied. */
interface CopyTarget {
    /**
     * Which of these rows can be seen.
     *
     * @param looking a connection to the target's database
     * @param ids keys
     */
    List<Long> seen(Connection looking, int table, List<Long> ids) throws SQLException;

    /** What differs between the source and here, by number and hash of all that is there; empty if nothing does. */
    Optional<String> findDifference(Connection source, Connection target) throws SQLException;
}
