package io.yimen.testkit.systems;

import io.yimen.simulators.CommunitySystem;
import io.yimen.testkit.Crowd;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code community}: the units of the community system, GBK in a table that calls itself latin1, from MariaDB's log. */
public final class Community extends Tabled {
    private static final Charset GB18030 = Charset.forName("GB18030");

    public Community(Path folder) {
        this(CommunitySystem.start(folder, CommunitySystem.Options.small(7)));
    }

    private Community(CommunitySystem system) {
        super(
                system,
                new JdbcTables(
                        system::connect,
                        (statement, index, value) -> statement.setBytes(index, value.getBytes(GB18030))),
                "t_dw",
                "dw_id");
    }

    @Override
    public String stream() {
        return "unit";
    }

    @Override
    public Map<String, String> row(int number) {
        return Map.of(
                "dw_id", Integer.toString(900_000 + number),
                "sqbm", "110101001001",
                "qx", "东城区",
                "jz", "东华门街道",
                "dwmc", "第" + number + "服务站",
                "dwlx", "1",
                "zt", "1",
                "gxsj", "2026-03-01 09:00:00");
    }

    @Override
    public Probe text() {
        return new Probe("dwmc", "䶮𠮷喆é社区", "name", "䶮𠮷喆é社区");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(
                new Probe("gxsj", "2024-02-29 23:30:00", Probe.UPDATED, "2024-02-29T15:30:00Z"),
                new Probe("gxsj", "2025-12-31 07:59:59", Probe.UPDATED, "2025-12-30T23:59:59Z")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("dwlx", "9", "kind", "unknown-code"));
    }

    @Override
    public Part<Crowd> large() {
        return Part.of(() -> run(
                "alter table t_dw modify dwmc text character set latin1 not null",
                "insert into t_dw (dw_id, sqbm, dwmc, dwlx, zt, gxsj) select 2000000 + seq, '110101001001',"
                        + " concat(seq, repeat(x'b4e5', 500)), '1', '1', now() from seq_1_to_60000"));
    }
}
