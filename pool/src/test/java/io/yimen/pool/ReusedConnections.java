package io.yimen.pool;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/** Keeps connections for the next one who asks, as any connection pool does: a new one costs the server a process. */
final class ReusedConnections {
    private final DataSource source;
    private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();

    private ReusedConnections(DataSource source) {
        this.source = source;
    }

    static DataSource of(DataSource source) {
        ReusedConnections connections = new ReusedConnections(source);
        return (DataSource) Proxy.newProxyInstance(
                ReusedConnections.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> method.getName().equals("getConnection")
                        ? connections.borrow()
                        : call(() -> method.invoke(source, arguments)));
    }

    private Connection borrow() throws SQLException {
        Connection kept = idle.pollFirst();
        Connection real = kept != null && kept.isValid(1) ? kept : source.getConnection();
        // Some close twice; two borrowers must not get the same.
        AtomicBoolean closed = new AtomicBoolean();
        return (Connection) Proxy.newProxyInstance(
                ReusedConnections.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    if (method.getName().equals("close")) {
                        if (closed.compareAndSet(false, true)) {
                            idle.addFirst(real);
                        }
                        return null;
                    }
                    return call(() -> method.invoke(real, args));
                });
    }

    private interface Call {
        Object run() throws ReflectiveOperationException;
    }

    private static Object call(Call call) throws Throwable {
        try {
            return call.run();
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
