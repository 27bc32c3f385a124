package io.yimen.testkit.systems;

import io.yimen.simulators.DivisionService;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.util.List;
import java.util.Map;

/** {@code divisions-2023}: the register of divisions of 2023, pages of JSON. */
public final class Divisions2023 extends Served {
    public Divisions2023() {
        super(DivisionService.start(), "dm");
    }

    @Override
    public String stream() {
        return "place";
    }

    @Override
    public Map<String, String> row(int number) {
        Map<String, String> row = sample();
        row.put("dm", "1199%08d".formatted(number));
        row.put("mc", "第" + number + "社区居委会");
        row.put("jb", "5");
        row.put("lx", "JWH");
        return row;
    }

    @Override
    public Probe text() {
        return new Probe("mc", "䶮𠮷喆é\"社区", "name", "䶮𠮷喆é\"社区");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.without("the register holds neither dates nor times");
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("jb", "9", "level", "unknown-code"));
    }
}
