package io.yimen.bench.copy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** Connections of the bench itself to a server, whose CPU there is nobody's. For one thread. */
final class OwnConnections {
    private final Meter meter;
    private final Map<Connection, Serving> open = new IdentityHashMap<>();
    private long ended;

    /** Tells what serves a connection: nanoseconds that it has taken until now. */
    interface Meter {
        LongSupplier of(Connection connection) throws SQLException;
    }

    /** @param before what it had taken for others before */
    private record Serving(LongSupplier cpu, long before) {
        long spent() {
            return cpu.getAsLong() - before;
        }
    }

    OwnConnections(Meter meter) {
        this.meter = meter;
    }

    Connection add(Connection connection) throws SQLException {
        LongSupplier cpu = meter.of(connection);
        open.put(connection, new Serving(cpu, cpu.getAsLong()));
        return connection;
    }

    /** Closes one of them. */
    void end(Connection connection) throws SQLException {
        Serving serving = open.remove(connection);
        ended += serving == null ? 0 : serving.spent();
        connection.close();
    }

    /** Nanoseconds of all of them, also of those that have ended. */
    long cpu() {
        return ended + open.values().stream().mapToLong(Serving::spent).sum();
    }

    /** Forgets those that are open: the server has cut them off. */
    void forget() {
        open.clear();
    }
}
