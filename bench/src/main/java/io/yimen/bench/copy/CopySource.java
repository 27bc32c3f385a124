package io.yimen.bench.copy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;

/**
 * The server that is copied from, as durable as a real one. Every life of a system has a database of its own on it, which
 * begins as a copy of the seeded one. One thread calls it, but for connections, each of which is its caller's.
 */
interface CopySource extends AutoCloseable {
    /** What a life's database is called. */
    String BENCH = "bench";

    /** Where the seeded rows lie. */
    String SEED = "seed";

    /** Makes the seeded database. */
    void fill(Width width, long seed, int rows) throws SQLException;

    /** Makes the database of a life; whatever it costs the server is over when this returns. */
    void open() throws SQLException;

    /** Removes what the last life left. */
    void drop() throws SQLException;

    /** To a life's database, for a question. */
    Connection connect() throws SQLException;

    /** Of the bench itself, to write, until {@link #end}; see {@link OwnConnections}. */
    Connection outside() throws SQLException;

    /** Closes a connection of {@link #outside}. */
    void end(Connection connection) throws SQLException;

    /** Nanoseconds of the server, without what the bench's own connections take. */
    long cpu();

    /** Keeps everybody away from the tables until the gate is opened. */
    Connection gate() throws SQLException;

    /** Whether somebody waits at the {@link #gate}. */
    boolean isAwaited() throws SQLException;

    /** Lets in whoever waits at the {@link #gate}; the connection has then to be ended. */
    void openGate(Connection gate) throws SQLException;

    /** For one row of a table; every value is given as text. */
    String insert(CopyTable table);

    /** Asks how many rows a table has and for the sum of their hashes, see {@link CopyTable#fingerprint}. */
    String fingerprint(CopyTable table);

    /** Writes the rows of a table that are among {@code rows}, in the transaction of the connection, as fast as it can. */
    void load(Connection connection, CopyTable table, int number, List<Rows.Row> rows) throws SQLException;

    /** A column's name as statements write it. */
    String quoted(String column);

    String url();

    String user();

    String password();

    /** The kind of connector by which Yimen reads it. */
    String kind();

    /**
     * What Debezium's connector is told, in the settings that were found best.
     *
     * @param prefix of its topics
     * @param folder where it may keep what it has to
     */
    Properties debezium(String prefix, Path folder);

    /** What Debezium puts before a table's name, of topics after their prefix. */
    String schema();

    @Override
    void close();
}
