package io.yimen.pool.reference;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A database that counts the rows that statements read which speak of a table. */
final class Watched {
    private final DataSource source;
    private final String table;
    private final AtomicLong rows = new AtomicLong();

    Watched(DataSource source, String table) {
        this.source = source;
        this.table = table;
    }

    /** Rows since it was asked last. */
    long rows() {
        return rows.getAndSet(0);
    }

    DataSource dataSource() {
        return proxy(
                DataSource.class,
                source,
                (method, result) -> method.equals("getConnection") ? connection((Connection) result) : result);
    }

    private Connection connection(Connection real) {
        return (Connection) Proxy.newProxyInstance(
                Watched.class.getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> {
                    Object result = call(real, method, arguments);
                    return method.getName().equals("prepareStatement")
                                    && ((String) Objects.requireNonNull(arguments)[0]).contains(table)
                            ? statement((PreparedStatement) Objects.requireNonNull(result))
                            : result;
                });
    }

    private PreparedStatement statement(PreparedStatement real) {
        return proxy(
                PreparedStatement.class,
                real,
                (method, result) -> result instanceof ResultSet answer ? answer(answer) : result);
    }

    private ResultSet answer(ResultSet real) {
        return proxy(ResultSet.class, real, (method, result) -> {
            if (method.equals("next") && Boolean.TRUE.equals(result)) {
                rows.incrementAndGet();
            }
            return result;
        });
    }

    private interface Look {
        Object at(String method, Object result);
    }

    private static <T> T proxy(Class<T> type, Object real, Look look) {
        return type.cast(Proxy.newProxyInstance(
                Watched.class.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    Object result = call(real, method, arguments);
                    return result == null ? null : look.at(method.getName(), result);
                }));
    }

    private static @Nullable Object call(Object real, Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
