package io.yimen.bench.get;

import io.yimen.bench.Cpu;
import java.util.LinkedHashMap;
import java.util.Map;

/** What was spent until now, in nanoseconds: by the clock, by the hub, by PostgreSQL, by who asks. */
record Slice(long wall, long hub, long database, long asking) {
    /** @param hub and {@code database} are numbers of processes; who asks is this process, or a child that has ended */
    static Slice now(long hub, long database) {
        long self = ProcessHandle.current().pid();
        // The servers are children of this process too, but have not ended: only what has ended counts with it.
        return new Slice(System.nanoTime(), Cpu.ofTree(hub), Cpu.ofTree(database), Cpu.ofProcessAndEnded(self));
    }

    /** Figures of what was asked since then. */
    Map<String, Double> since(Slice from, long asked) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("perSecond", asked * 1e9 / (wall - from.wall));
        figures.put("hubMicros", (hub - from.hub) / 1e3 / asked);
        figures.put("databaseMicros", (database - from.database) / 1e3 / asked);
        figures.put("askingMicros", (asking - from.asking) / 1e3 / asked);
        return figures;
    }
}
