package io.yimen.simulators;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What a service is told to do wrong. Thread-safe. */
public final class Faults {
    private final Queue<Fault> coming = new ArrayDeque<>();
    private final Map<Integer, Fault> pages = new HashMap<>();
    private @Nullable Fault always;
    private int requests;

    /** The coming requests get these, one each, in this order. */
    public synchronized void next(Fault... faults) {
        coming.addAll(java.util.List.of(faults));
    }

    /** Every request for {@code page} gets it, until {@link #clear}. */
    public synchronized void onPage(int page, Fault fault) {
        pages.put(page, fault);
    }

    /** Every request gets it, until {@link #clear}. */
    public synchronized void always(Fault fault) {
        always = fault;
    }

    /** From now on nothing goes wrong. */
    public synchronized void clear() {
        coming.clear();
        pages.clear();
        always = null;
    }

    /** How many requests there have been, the faulty ones included. */
    public synchronized int requests() {
        return requests;
    }

    synchronized Optional<Fault> take(int page) {
        requests++;
        Fault fault = coming.poll();
        if (fault == null) {
            fault = pages.get(page);
        }
        return Optional.ofNullable(fault == null ? always : fault);
    }
}
