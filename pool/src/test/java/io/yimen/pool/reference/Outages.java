package io.yimen.pool.reference;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A database whose connections break when they are told to: at a statement, before a commit, or after it. */
final class Outages {
    /** Where the connection breaks. */
    enum At {
        STATEMENT,
        COMMIT,
        COMMITTED
    }

    private final DataSource source;
    private @Nullable At next;
    private int statements;
    private boolean broken;

    Outages(DataSource source) {
        this.source = source;
    }

    /** The next transaction breaks; of {@link At#STATEMENT} at the {@code nth}, if it has so many. */
    void arm(At at, int nth) {
        next = at;
        statements = nth;
        broken = false;
    }

    /** No transaction breaks any more; returns whether one did. */
    boolean disarm() {
        next = null;
        return broken;
    }

    DataSource dataSource() {
        return proxy(DataSource.class, (method, arguments) -> {
            Object result = call(source, method, arguments);
            return method.getName().equals("getConnection") && next != null
                    ? connection((Connection) Objects.requireNonNull(result))
                    : result;
        });
    }

    private Connection connection(Connection real) {
        return proxy(Connection.class, (method, arguments) -> {
            if (method.getName().equals("commit") && next == At.COMMIT) {
                throw broken(real);
            }
            Object result = call(real, method, arguments);
            if (method.getName().equals("commit") && next == At.COMMITTED) {
                throw broken(real);
            }
            if (method.getName().equals("prepareStatement")) {
                return statement((PreparedStatement) Objects.requireNonNull(result), real);
            }
            return result;
        });
    }

    private PreparedStatement statement(Statement real, Connection connection) {
        return proxy(PreparedStatement.class, (method, arguments) -> {
            if (method.getName().startsWith("execute") && next == At.STATEMENT && --statements < 0) {
                throw broken(connection);
            }
            return call(real, method, arguments);
        });
    }

    private SQLException broken(Connection real) throws SQLException {
        next = null;
        broken = true;
        real.abort(Runnable::run);
        return new SQLException("The connection is broken", "08006");
    }

    private interface Handler {
        @Nullable
        Object handle(Method method, Object @Nullable [] arguments) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Handler handler) {
        return type.cast(Proxy.newProxyInstance(
                Outages.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> handler.handle(method, arguments)));
    }

    private static @Nullable Object call(Object real, Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
