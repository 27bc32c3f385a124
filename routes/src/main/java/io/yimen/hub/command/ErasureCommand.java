package io.yimen.hub.command;

import io.yimen.pool.PoolException;
import io.yimen.pool.erasure.Remnants;
import io.yimen.pool.model.PoolModel;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * {@code erasure verify}: searches every table of the pool for what was erased. Exit codes: 0 nothing is left, 1 something
 * is, or it cannot be searched, 2 the command was not understood.
 */
final class ErasureCommand {
    private static final String USAGE = """
            usage: erasure verify [--values FILE]    searches every table for what was erased; FILE: values, one a line,
                                                     that are not to occur anywhere either""";
    private static final int SHOWN = 50;

    private ErasureCommand() {}

    static int run(List<String> args, UnaryOperator<String> settings, PrintStream out, PrintStream err) {
        boolean withValues = args.size() == 3 && args.get(1).equals("--values");
        if (args.isEmpty() || !args.get(0).equals("verify") || args.size() > 1 && !withValues) {
            err.println(USAGE);
            return 2;
        }
        try {
            List<String> values = withValues ? values(args.get(2)) : List.of();
            Remnants.Report report =
                    OpenPool.remnants(settings, PoolModel.standard()).search(values);
            for (Map.Entry<String, Long> table : report.rows().entrySet()) {
                out.printf("%-24s %,12d rows%n", table.getKey(), table.getValue());
            }
            report.found().stream()
                    .limit(SHOWN)
                    .forEach(f -> out.println(f.table() + "." + f.column() + " " + f.row() + ": " + f.what()));
            if (report.found().size() > SHOWN) {
                out.println("… and " + (report.found().size() - SHOWN) + " more");
            }
            out.println(
                    report.isClean() ? "Nothing is left of what was erased." : "Something IS left of what was erased.");
            return report.isClean() ? 0 : 1;
        } catch (IOException | InvalidPathException e) {
            err.println("yimen: --values names no readable file");
            return 1;
        } catch (PoolException e) {
            err.println("yimen: " + e.getMessage());
            return 1;
        }
    }

    private static List<String> values(String file) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .map(String::strip)
                .filter(v -> !v.isEmpty())
                .toList();
    }
}
