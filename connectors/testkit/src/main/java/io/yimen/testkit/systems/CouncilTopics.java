package io.yimen.testkit.systems;

import io.yimen.simulators.OnlineCouncil;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.util.List;
import java.util.Map;

/** {@code online-council}: the topics of the residents' council, JSON behind a cursor. */
public final class CouncilTopics extends Served {
    public CouncilTopics() {
        super(OnlineCouncil.start(7, 300), "id");
    }

    @Override
    public String stream() {
        return "topic";
    }

    @Override
    public Map<String, String> row(int number) {
        Map<String, String> row = sample();
        row.put("id", "kit" + number);
        row.put("title", "第" + number + "号议题");
        return row;
    }

    @Override
    public Probe text() {
        return new Probe("title", "䶮𠮷喆é\"议题", "topic", "䶮𠮷喆é\"议题");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(new Probe("heldOn", "2024-02-29", "date", "2024-02-29")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("state", "reopened", "state", "unknown-code"));
    }
}
