package io.yimen.testkit.systems;

import io.yimen.simulators.CityManagement;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code city-management}: the cases of the streets in the shape of Open311, by link and by the time of their change. */
public final class CityCases extends Served {
    /** The time that a row tells for itself; of when it was first asked for. */
    private @Nullable Instant changed;

    public CityCases() {
        super(CityManagement.start(7, 30, 1_500), "service_request_id");
    }

    @Override
    public String stream() {
        return "request";
    }

    @Override
    public Map<String, String> row(int number) {
        Map<String, String> row = sample();
        row.remove("updated_datetime");
        row.put("service_request_id", "CG20270101%05d".formatted(number));
        row.put("description", "第" + number + "件");
        return row;
    }

    @Override
    public boolean rereads() {
        return false;
    }

    @Override
    public Probe text() {
        return new Probe("description", "䶮𠮷喆é\"路灯", "title", "䶮𠮷喆é\"路灯");
    }

    /** A change of long ago would not be asked for: the time of one is of now, told from another zone. */
    @Override
    public Part<List<Probe>> dates() {
        Instant now = changed;
        if (now == null) {
            now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            changed = now;
        }
        return Part.of(List.of(
                new Probe("requested_datetime", "2024-02-29T23:30:00+08:00", "acceptedAt", "2024-02-29"),
                new Probe("expected_datetime", "", "dueAt", ""),
                new Probe(
                        "updated_datetime",
                        now.atOffset(ZoneOffset.ofHours(-3)).toString(),
                        Probe.UPDATED,
                        now.toString())));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("status", "reopened", "state", "unknown-code"));
    }
}
