package io.yimen.pool;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** One PostgreSQL for all tests of a JVM; every pool gets a database of its own. */
final class Database {
    private static final AtomicInteger COUNTER = new AtomicInteger();

    private Database() {}

    private static final class Server {
        static final EmbeddedPostgres POSTGRES = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder()
                        .setServerConfig("listen_addresses", "127.0.0.1")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A new empty database. */
    static DataSource create() {
        String name = "pool_" + COUNTER.incrementAndGet();
        try (Connection db = Server.POSTGRES.getPostgresDatabase().getConnection();
                Statement statement = db.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return ReusedConnections.of(Server.POSTGRES.getDatabase("postgres", name));
    }

    /** Takes everything out of a pool but its schema and its vault. */
    static void empty(DataSource source) {
        run(source, """
                truncate pool.source, pool.stream, pool.source_record, pool.identifier, pool.entity, pool.reference,
                         pool.place_scope, pool.change, pool.feed_offset, pool.run, pool.run_count, pool.quarantine,
                         pool.review, pool.decision, pool.decision_record, pool.correction, pool.correction_record,
                         pool.correction_event, pool.evidence, pool.ticket, pool.correction_upload,
                         pool.correction_upload_row, pool.ticket_file, pool.erasure, pool.tombstone cascade;
                update pool.change_head set seq = 0, at = '-infinity';
                update pool.identity_state set claims = claims + 1, rulings = rulings + 1, corrections = 0, writes = 0,
                       erasures = erasures + 1
                """);
    }

    /** The first column of the first row, as text. */
    static String text(DataSource source, String sql) {
        try (Connection db = source.getConnection();
                Statement statement = db.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? String.valueOf(rows.getString(1)) : "nothing";
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static void run(DataSource source, String sql) {
        try (Connection db = source.getConnection();
                Statement statement = db.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
