package io.yimen.pool.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.pool.TestDatabase;
import io.yimen.pool.model.PoolModel;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransactionIT {
    private static final DataSource DATABASE = TestDatabase.migrated();
    private static final String PUT = "insert into pool.setting (name, value) values (?, ?)";
    private static final String SLOWLY = "insert into pool.setting (name, value) select ?, ? from pg_sleep(0.2)";
    private static final String NAMES = "select name from pool.setting where name like 'ahead-%' order by name";

    private Connection db;
    private Transaction tx;

    @BeforeEach
    void begin() throws SQLException {
        db = DATABASE.getConnection();
        db.setAutoCommit(false);
        tx = new Transaction(db, Streams.load(db, PoolModel.standard()), 0, Instant.EPOCH);
    }

    @AfterEach
    void end() throws SQLException {
        db.rollback();
        db.close();
    }

    private List<String> names() throws SQLException {
        List<String> names = new ArrayList<>();
        tx.ask(NAMES, row -> names.add(row.getString(1)));
        return names;
    }

    private void put(String sql, String name) {
        tx.later(sql, Sql.text(name), Sql.text("1"));
    }

    @Test
    void whoeverAsksSeesWhatWasSentAhead() throws SQLException {
        put(SLOWLY, "ahead-1");
        tx.sendAhead();
        put(PUT, "ahead-2");
        tx.sendAhead();
        put(PUT, "ahead-3");

        assertThat(names()).containsExactly("ahead-1", "ahead-2", "ahead-3");
    }

    @Test
    void whatFailsAheadFailsWhoeverSendsNext() throws SQLException {
        put(PUT, "ahead-1");
        tx.sendAhead();
        put(PUT, "ahead-1");
        tx.sendAhead();

        assertThatThrownBy(tx::send)
                .isInstanceOf(SQLException.class)
                .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("23505"));
    }

    @Test
    void nothingIsLeftOnItsWayOnceItIsSettled() throws SQLException {
        put(SLOWLY, "ahead-1");
        tx.sendAhead();
        tx.settle();
        db.rollback();

        assertThat(names()).isEmpty();
    }

    @Test
    void theConnectionIsGivenOnceAllIsDone() throws SQLException {
        put(SLOWLY, "ahead-1");
        tx.sendAhead();

        try (var rows = tx.db().createStatement().executeQuery(NAMES)) {
            assertThat(rows.next()).isTrue();
        }
    }
}
