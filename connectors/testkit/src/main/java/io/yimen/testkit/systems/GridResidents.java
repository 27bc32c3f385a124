package io.yimen.testkit.systems;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.simulators.SmartCommunity;
import io.yimen.testkit.Crowd;
import io.yimen.testkit.Door;
import io.yimen.testkit.Drift;
import io.yimen.testkit.Fixture;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code smart-community}: the residents of the smart community platform, told of by an outbox in PostgreSQL. */
public final class GridResidents implements Fixture {
    private final SmartCommunity system;
    private final JdbcTables tables;

    public GridResidents(Path folder) {
        system = SmartCommunity.start(folder, SmartCommunity.Options.of(7, 600));
        tables = new JdbcTables(
                system::connect, (statement, index, value) -> statement.setObject(index, value, Types.OTHER));
    }

    @Override
    public String connector() {
        return "smart-community";
    }

    @Override
    public Map<String, String> configuration(Door door) {
        return door.through(system.keys());
    }

    @Override
    public String stream() {
        return "resident";
    }

    @Override
    public Set<String> keys(Manifest.Stream stream) throws SQLException {
        return tables.keys(stream);
    }

    @Override
    public Map<String, String> row(int number) {
        return Map.of(
                "cj_id", Integer.toString(900_000 + number),
                "xm", "张三",
                "lxdh", "13800000000",
                "zz", "东城区多福巷小区3号楼501",
                "rylb", "1",
                "sqbm", "110101001001",
                "cjsj", "2026-03-01 09:00:00");
    }

    @Override
    public void put(List<Map<String, String>> rows) throws SQLException {
        tables.put("t_cjry", "cj_id", rows);
    }

    @Override
    public void remove(Map<String, String> row) throws SQLException {
        tables.remove("t_cjry", "cj_id", row.getOrDefault("cj_id", ""));
    }

    @Override
    public boolean rereads() {
        return false;
    }

    @Override
    public Probe text() {
        return new Probe("xm", "䶮𠮷喆éß社区", "name", "䶮𠮷喆éß社区");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(
                new Probe("cjsj", "2024-02-29 23:30:00", Probe.UPDATED, "2024-02-29T15:30:00Z"),
                new Probe("cjsj", "2025-12-31 07:59:59", Probe.UPDATED, "2025-12-30T23:59:59Z")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("rylb", "9", "residency", "unknown-code"));
    }

    @Override
    public Part<Drift> drift() {
        return Part.of(tables.drift("t_cjry"));
    }

    @Override
    public Part<Crowd> large() {
        return Part.of(() -> tables.run("alter table t_cjry alter column xm type text", """
                insert into t_cjry (cj_id, xm, rylb, sqbm, cjsj)
                select 2000000 + i, i || repeat('村', 500), '1', '110101001001', '2026-03-01 09:00:00'
                  from generate_series(1, 30000) i"""));
    }

    @Override
    public void close() {
        system.close();
    }
}
