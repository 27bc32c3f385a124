package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;

/** What the clerks of the election system type into it. */
final class ElectionEntries {
    private final TestBed bed;

    ElectionEntries(TestBed bed) {
        this.bed = bed;
    }

    /** A member without an ID number. */
    void member(int number, String name, LocalDate born, String place) {
        try (Connection connection = bed.election().connect();
                PreparedStatement insert = connection.prepareStatement("""
                        insert into t_cy (cy_id, jw_id, jc_id, xzqh, xm, xb, csrq, zw, zt, gxsj)
                        select ?, jw_id, jc_id, ?, ?, '1', ?, '3', '1', gxsj from t_cy order by cy_id limit 1""")) {
            insert.setInt(1, number);
            insert.setString(2, place);
            insert.setString(3, name);
            insert.setString(4, born.format(DateTimeFormatter.BASIC_ISO_DATE));
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Changes one row. */
    void update(String sql) {
        try (Connection connection = bed.election().connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            assertThat(statement.executeUpdate()).isEqualTo(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
