package io.yimen.testkit.systems;

import io.yimen.simulators.CreditCodeService;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.util.List;
import java.util.Map;

/** {@code credit-codes}: the register of credit codes, pages of XML in GB18030. */
public final class CreditCodes extends Served {
    public CreditCodes() {
        super(CreditCodeService.start(7), "tyshxydm");
    }

    @Override
    public String stream() {
        return "organization";
    }

    @Override
    public Map<String, String> row(int number) {
        Map<String, String> row = sample();
        row.put("tyshxydm", "55110101%09dX".formatted(number));
        row.put("fddbr", "张三");
        return row;
    }

    @Override
    public Probe text() {
        return new Probe("fddbr", "䶮𠮷喆é&<三", "legalPerson", "䶮𠮷喆é&<三");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(
                new Probe("yxqq", "2024-02-29", "validFrom", "2024-02-29"), new Probe("yxqz", "", "validTo", "")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("yxqq", "2021-02-30", "validFrom", "invalid-date"));
    }
}
