package io.yimen.testkit.systems;

import io.yimen.simulators.ETongche;
import io.yimen.testkit.Drift;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.util.List;
import java.util.Map;

/** {@code e-tongche}: requests of union members, pages of typed elements over SOAP 1.1. */
public final class MemberRequests extends Served {
    public MemberRequests() {
        super(ETongche.start(ETongche.Shape.LIST, 7, 4, 300), "sqbh");
    }

    @Override
    public String stream() {
        return "request";
    }

    @Override
    public Map<String, String> row(int number) {
        Map<String, String> row = sample();
        row.put("sqbh", "KIT%08d".formatted(number));
        row.put("sqsx", "第" + number + "号申请");
        return row;
    }

    @Override
    public Probe text() {
        return new Probe("sqsx", "䶮𠮷喆é&<申请", "title", "䶮𠮷喆é&<申请");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(
                new Probe("sqrq", "20240229", "acceptedAt", "2024-02-29"), new Probe("bjrq", "", "closedAt", "")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("sqrq", "20260230", "acceptedAt", "invalid-date"));
    }

    @Override
    public Part<Drift> drift() {
        return Part.without("the elements of a request are typed in the simulated service and its WSDL: "
                + "it cannot send others without being built anew");
    }
}
