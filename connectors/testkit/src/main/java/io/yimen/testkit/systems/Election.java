package io.yimen.testkit.systems;

import io.yimen.simulators.ElectionSystem;
import io.yimen.testkit.Crowd;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code election}: the committees of the election system, captured from PostgreSQL. */
public final class Election extends Tabled {
    public Election(Path folder) {
        this(ElectionSystem.start(folder, ElectionSystem.Options.small(7)));
    }

    private Election(ElectionSystem system) {
        super(system, new JdbcTables(system::connect, JdbcTables.TYPED), "t_jw", "jw_id");
    }

    @Override
    public String stream() {
        return "committee";
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
    public Part<Crowd> large() {
        return Part.of(() -> run("alter table t_jw alter column jwmc type text", """
                insert into t_jw (jw_id, jwmc, lx, xzqh, qx, jz, zt, gxsj)
                select 2000000 + i, i || repeat('村', 500), '1', '110101001001', '东城区', '东华门街道', '0', now()
                  from generate_series(1, 60000) i"""));
    }
}
