package io.yimen.testkit.systems;

import io.yimen.simulators.SmartCommunity;
import io.yimen.testkit.Crowd;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code smart-community}: the residents of the smart community platform, told of by an outbox in PostgreSQL. */
public final class GridResidents extends Tabled {
    public GridResidents(Path folder) {
        this(SmartCommunity.start(folder, SmartCommunity.Options.of(7, 600)));
    }

    private GridResidents(SmartCommunity system) {
        super(system, new JdbcTables(system::connect, JdbcTables.TYPED), "t_cjry", "cj_id");
    }

    @Override
    public String stream() {
        return "resident";
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
    public Part<Crowd> large() {
        return Part.of(() -> run("alter table t_cjry alter column xm type text", """
                insert into t_cjry (cj_id, xm, rylb, sqbm, cjsj)
                select 2000000 + i, i || repeat('村', 500), '1', '110101001001', '2026-03-01 09:00:00'
                  from generate_series(1, 30000) i"""));
    }
}
