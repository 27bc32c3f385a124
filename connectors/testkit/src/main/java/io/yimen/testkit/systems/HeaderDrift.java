package io.yimen.testkit.systems;

import io.yimen.testkit.Drift;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Changes the header of files alone; the rows stay as wide as before. */
record HeaderDrift(List<String> usual, Consumer<List<String>> header) implements Drift {
    @Override
    public void add(String column) {
        List<String> more = new ArrayList<>(usual);
        more.add(column);
        header.accept(more);
    }

    @Override
    public void remove(String column) {
        header.accept(usual);
    }

    @Override
    public void rename(String from, String to) {
        header.accept(usual.stream().map(name -> name.equals(from) ? to : name).toList());
    }
}
