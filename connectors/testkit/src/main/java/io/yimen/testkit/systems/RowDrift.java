package io.yimen.testkit.systems;

import io.yimen.testkit.Certification;
import io.yimen.testkit.Drift;
import io.yimen.testkit.Fixture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Changes the form of a source that keeps its rows as maps. */
record RowDrift(Supplier<List<Map<String, String>>> rows, Consumer<List<Map<String, String>>> put) implements Drift {
    /** Of a source that is not read again but tells: the row with the text is told again in every form. */
    static RowDrift ofOne(Fixture fixture, Consumer<List<Map<String, String>>> put) {
        Map<String, String> row = new LinkedHashMap<>(fixture.row(Certification.TEXT_ROW));
        row.put(fixture.text().column(), fixture.text().raw());
        List<Map<String, String>> told = new ArrayList<>(List.of(row));
        return new RowDrift(() -> List.copyOf(told), rows -> {
            told.clear();
            told.addAll(rows);
            put.accept(rows);
        });
    }

    @Override
    public void add(String column) {
        put.accept(rows.get().stream()
                .map(row -> {
                    Map<String, String> more = new LinkedHashMap<>(row);
                    more.put(column, "1");
                    return more;
                })
                .toList());
    }

    @Override
    public void remove(String column) {
        put.accept(rows.get().stream()
                .map(row -> {
                    Map<String, String> less = new LinkedHashMap<>(row);
                    less.remove(column);
                    return less;
                })
                .toList());
    }

    @Override
    public void rename(String from, String to) {
        put.accept(rows.get().stream()
                .map(row -> {
                    Map<String, String> renamed = new LinkedHashMap<>();
                    row.forEach((name, value) -> renamed.put(name.equals(from) ? to : name, value));
                    return renamed;
                })
                .toList());
    }
}
