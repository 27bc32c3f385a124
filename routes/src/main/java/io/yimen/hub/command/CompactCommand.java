package io.yimen.hub.command;

import io.yimen.pool.PoolException;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.change.Compaction;
import io.yimen.pool.model.PoolModel;
import java.io.PrintStream;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * {@code compact}: lets go of history that is older than its type's retention, beside a running hub or without one. Can
 * be stopped at any time; the next one goes on. Exit codes: 0 done, 1 it cannot be done, 2 the command was not
 * understood.
 */
final class CompactCommand {
    private CompactCommand() {}

    static int run(List<String> args, UnaryOperator<String> settings, PrintStream out, PrintStream err) {
        if (!args.isEmpty()) {
            err.println("usage: compact    lets go of history that may no longer be kept");
            return 2;
        }
        try (PostgresPool pool = OpenPool.of(settings, PoolModel.standard())) {
            List<Compaction.Progress> done = pool.compaction().run(progress -> {
                err.println(line(progress));
                return true;
            });
            done.forEach(progress -> out.println(line(progress)));
            if (done.isEmpty()) {
                out.println("Nothing is older than its retention");
            }
            return 0;
        } catch (PoolException e) {
            err.println("yimen: " + e.getMessage());
            return 1;
        }
    }

    private static String line(Compaction.Progress progress) {
        return String.format(
                "%-14s before %s: %,d changes looked at, %,d let go",
                progress.entityType(), progress.horizon(), progress.looked(), progress.removed());
    }
}
