package io.yimen.testkit.systems;

import io.yimen.simulators.BrightEyes;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code bright-eyes}: notices of the cameras, pushed as events with a number. */
public class CameraNotices extends Pushed {
    public CameraNotices(Path folder) {
        this(BrightEyes.start(folder, 7, 3, 900));
    }

    private CameraNotices(BrightEyes system) {
        super(system, system.waiting(), "cn.gov.beijing.xueliang.incident", "sjbh");
    }

    @Override
    public String stream() {
        return "incident";
    }

    @Override
    public Map<String, String> row(int number) {
        Map<String, String> row = sample();
        row.put("sjbh", "KIT%08d".formatted(number));
        row.put("sjlx", "第" + number + "号事件");
        return row;
    }

    @Override
    public Probe text() {
        return new Probe("sjlx", "䶮𠮷喆é\"事件", "title", "䶮𠮷喆é\"事件");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(
                new Probe("fssj", "2024-02-29", "date", "2024-02-29"),
                new Probe("ce-time", "2024-02-29T23:30:00+08:00", Probe.UPDATED, "2024-02-29T15:30:00Z")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("fssj", "2026-02-30", "date", "invalid-date"));
    }
}
