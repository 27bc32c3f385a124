package io.yimen.simulators;

import java.util.List;
import java.util.Map;

/** A system whose rows can be looked at and changed from outside, as the fields are called on the wire. */
public interface RowSystem extends LegacySystem {
    /** What it serves; copies. */
    List<Map<String, String>> rows();

    /**
     * Adds the row, or replaces the one with the same key. Where rows tell when they changed, one that does not is of
     * this moment.
     */
    void put(Map<String, String> row);

    /** Takes out the row with this key. */
    void remove(String key);
}
