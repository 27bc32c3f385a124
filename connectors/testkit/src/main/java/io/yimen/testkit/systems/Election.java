package io.yimen.testkit.systems;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.simulators.ElectionSystem;
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

/** {@code election}: the committees of the election system, captured from PostgreSQL. */
public final class Election implements Fixture {
    private final ElectionSystem system;
    private final JdbcTables tables;

    public Election(Path folder) {
        system = ElectionSystem.start(folder, ElectionSystem.Options.small(7));
        tables = new JdbcTables(
                system::connect, (statement, index, value) -> statement.setObject(index, value, Types.OTHER));
    }

    @Override
    public String connector() {
        return "election";
    }

    @Override
    public Map<String, String> configuration(Door door) {
        return door.through(system.keys());
    }

    @Override
    public String stream() {
        return "committee";
    }

    @Override
    public Set<String> keys(Manifest.Stream stream) throws SQLException {
        return tables.keys(stream);
    }

    @Override
    public Map<String, String> row(int number) {
        return Map.of(
                "jw_id", Integer.toString(900_000 + number),
                "jwmc", "第" + number + "社区居民委员会",
                "lx", "1",
                "xzqh", "110101001001",
                "qx", "东城区",
                "jz", "东华门街道",
                "zt", "0",
                "gxsj", "2026-03-01 09:00:00");
    }

    @Override
    public void put(List<Map<String, String>> rows) throws SQLException {
        tables.put("t_jw", "jw_id", rows);
    }

    @Override
    public void remove(Map<String, String> row) throws SQLException {
        tables.remove("t_jw", "jw_id", row.getOrDefault("jw_id", ""));
    }

    @Override
    public boolean rereads() {
        return false;
    }

    @Override
    public Probe text() {
        return new Probe("jwmc", "䶮𠮷喆éß社区", "name", "䶮𠮷喆éß社区");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(
                new Probe("gxsj", "2024-02-29 23:30:00", Probe.UPDATED, "2024-02-29T15:30:00Z"),
                new Probe("gxsj", "2025-12-31 07:59:59", Probe.UPDATED, "2025-12-30T23:59:59Z")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("lx", "9", "kind", "unknown-code"));
    }

    @Override
    public Part<Drift> drift() {
        return Part.of(tables.drift("t_jw"));
    }

    @Override
    public Part<Crowd> large() {
        return Part.of(() -> tables.run("alter table t_jw alter column jwmc type text", """
                insert into t_jw (jw_id, jwmc, lx, xzqh, qx, jz, zt, gxsj)
                select 2000000 + i, i || repeat('村', 500), '1', '110101001001', '东城区', '东华门街道', '0', now()
                  from generate_series(1, 60000) i"""));
    }

    @Override
    public void close() {
        system.close();
    }
}
