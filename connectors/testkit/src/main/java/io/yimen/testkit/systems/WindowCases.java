package io.yimen.testkit.systems;

import io.yimen.simulators.CommunitySystem;
import io.yimen.simulators.SingleWindow;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** {@code single-window}: cases that any window accepts, pushed as events with a time. */
public final class WindowCases extends Pushed {
    public WindowCases(Path folder) {
        this(SingleWindow.start(folder, new CommunitySystem.Options(7, 3, 400, Clock.systemUTC()), 3, 300));
    }

    private WindowCases(SingleWindow system) {
        super(system, system.waiting(), "cn.gov.beijing.window.case.saved", "slbh");
    }

    @Override
    public String stream() {
        return "case";
    }

    @Override
    public Map<String, String> row(int number) {
        Map<String, String> row = sample();
        row.put("slbh", "KIT-%08d".formatted(number));
        row.put("sxmc", "第" + number + "号事项");
        return row;
    }

    @Override
    public Probe text() {
        return new Probe("sxmc", "䶮𠮷喆é\"事项", "title", "䶮𠮷喆é\"事项");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(
                new Probe("slrq", "2024-02-29", "acceptedAt", "2024-02-29"),
                new Probe("bjrq", "", "closedAt", ""),
                new Probe("ce-time", "2024-02-29T23:30:00+08:00", Probe.UPDATED, "2024-02-29T15:30:00Z")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("slrq", "2026-02-30", "acceptedAt", "invalid-date"));
    }
}
