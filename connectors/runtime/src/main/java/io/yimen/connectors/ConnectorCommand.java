package io.yimen.connectors;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.pool.PoolException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code connector check|test|list FOLDER…}: what an integrator runs before a connector goes into the catalog. Exit
 * codes: 0 all well, 1 something is wrong with a connector, 2 the command was not understood.
 */
public final class ConnectorCommand {
    private static final String USAGE = """
            usage: connector check FOLDER...   read manifests, say everything that is wrong with them
                   connector test FOLDER...    check, then run the tests that they carry
                   connector list FOLDER...    check, then list systems, streams and parameters
            A FOLDER holds a connector.yaml, or folders that do.""";

    private final PrintStream out;
    private final PrintStream err;

    public ConnectorCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        System.exit(new ConnectorCommand(out, err).run(List.of(args)));
    }

    /** Runs it with the given words; returns the exit code. */
    public int run(List<String> args) {
        if (args.size() < 2 || !List.of("check", "test", "list").contains(args.get(0))) {
            err.println(USAGE);
            return 2;
        }
        List<Manifest> manifests;
        try {
            manifests = new Manifests()
                    .read(args.subList(1, args.size()).stream().map(Path::of).toList());
        } catch (ManifestException e) {
            e.errors().forEach(err::println);
            err.println(counted(e.errors().size(), "error"));
            return 1;
        } catch (PoolException e) {
            err.println(e.getMessage());
            return 1;
        }
        return switch (args.get(0)) {
            case "check" -> check(manifests);
            case "test" -> test(manifests);
            default -> list(manifests);
        };
    }

    private int check(List<Manifest> manifests) {
        manifests.forEach(m ->
                out.println("ok    " + m.file() + "  " + counted(m.streams().size(), "stream")));
        return 0;
    }

    private int test(List<Manifest> manifests) {
        List<String> failures = new ArrayList<>();
        int tests = 0;
        for (Manifest manifest : manifests) {
            List<ManifestTests.Result> results = ManifestTests.run(manifest);
            tests += results.size();
            long failed = 0;
            for (ManifestTests.Result result : results) {
                result.failure().ifPresent(failures::add);
                failed += result.failure().isPresent() ? 1 : 0;
            }
            out.println((failed == 0 ? "ok    " : "FAIL  ") + manifest.id() + "  " + (results.size() - failed) + " of "
                    + counted(results.size(), "test") + " passed");
        }
        failures.forEach(err::println);
        out.println(counted(tests, "test") + ", " + failures.size() + " failed");
        return failures.isEmpty() ? 0 : 1;
    }

    private int list(List<Manifest> manifests) {
        for (Manifest manifest : manifests) {
            out.println(manifest.id() + "  " + manifest.system().title() + "  (" + manifest.kind() + ", "
                    + manifest.system().owner() + ")");
            manifest.streams()
                    .forEach(s -> out.println("    " + manifest.id() + "/" + s.id() + " → " + s.entity() + "  "
                            + counted(s.fields().size(), "field")));
            manifest.parameters()
                    .values()
                    .forEach(p -> out.println("    yimen.connector." + manifest.id() + "." + p.name()
                            + (p.required() ? "  required" : "")
                            + (p.secret() ? "  secret" : "")
                            + (p.defaultValue() == null ? "" : "  default " + p.defaultValue())
                            + "  " + p.description()));
        }
        return 0;
    }

    private static String counted(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
