package io.yimen.testkit.systems;

import io.yimen.simulators.Door;
import io.yimen.simulators.ServicePlatform;
import io.yimen.testkit.Crowd;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code service-platform}: the cases of the service platform, asked for by their times, from PostgreSQL. */
public final class ServiceCases extends Tabled {
    public ServiceCases(Path folder) {
        this(ServicePlatform.start(folder, ServicePlatform.Options.of(7, 600)));
    }

    private ServiceCases(ServicePlatform system) {
        super(system, new JdbcTables(system::connect, JdbcTables.TYPED), "t_bj", "bj_id");
    }

    @Override
    public Map<String, String> configuration(Door door) {
        Map<String, String> keys = new TreeMap<>(super.configuration(door));
        // What is deleted shows in a comparison only: let each read end with one.
        keys.put("yimen.connector.service-platform.whole", "PT0S");
        return keys;
    }

    @Override
    public String stream() {
        return "case";
    }

    @Override
    public Map<String, String> row(int number) {
        return Map.of(
                "bj_id", Integer.toString(900_000 + number),
                "slbh", ServicePlatform.caseNumber(900_000 + number),
                "sx_id", "7",
                "sxmc", "居住证申领",
                "sqrxm", "张三",
                "sqbm", "110101001001",
                "slqd", "1",
                "zt", "01",
                "slrq", "2026-02-27",
                "gxsj", "2026-03-01 00:00:00");
    }

    @Override
    public Probe text() {
        return new Probe("sxmc", "䶮𠮷喆éß社区", "title", "䶮𠮷喆éß社区");
    }

    /** The times are those by which rows are found: not further apart than the overlap. */
    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(
                new Probe("slrq", "2024-02-29", "acceptedAt", "2024-02-29"),
                new Probe("gxsj", "2026-02-28 23:59:59", Probe.UPDATED, "2026-02-28T15:59:59Z"),
                new Probe("gxsj", "2026-03-01 00:01:00", Probe.UPDATED, "2026-02-28T16:01:00Z")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("slqd", "9", "channel", "unknown-code"));
    }

    @Override
    public Part<Crowd> large() {
        return Part.of(() -> run("alter table t_bj alter column sxmc type text", """
                insert into t_bj (bj_id, slbh, sx_id, sxmc, sqbm, slqd, zt, slrq, gxsj)
                select 2000000 + i, 'SQ2026-' || 2000000 + i, 7, i || repeat('村', 500), '110101001001', '1', '01',
                       '2026-02-27', '2026-03-01 00:00:00'
                  from generate_series(1, 30000) i"""));
    }
}
