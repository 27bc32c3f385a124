package io.yimen.connectors;

import io.yimen.connectors.extract.JdbcScript;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.connectors.manifest.ParameterFile;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.pool.PoolException;
import io.yimen.pool.model.PoolModel;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * {@code connector new|check|test|list}: what an integrator runs before a connector goes into the catalog. Exit
 * codes: 0 all well, 1 something is wrong with a connector, 2 the command was not understood.
 */
public final class ConnectorCommand {
    private static final String USAGE = """
            usage: connector new NAME --kind KIND [--in FOLDER]
                                               write a folder to begin with; it passes its tests as it is
                   connector check FOLDER...   read manifests, say everything that is wrong with them, and look at
                                               the sources that are configured
                   connector test FOLDER...    check manifests, then run the tests that they carry
                   connector list FOLDER...    check manifests, then list systems, streams and parameters
                   connector page FOLDER...    check manifests, then write README.md beside each: what it takes, and
                                               what for
                   connector script FOLDER [postgresql|mariadb] [USER]
                                               print what the source's administrator runs: rights and, for an outbox,
                                               its table and triggers
            A FOLDER holds a connector.yaml, or folders that do. KIND is one of %s.""";

    private final PrintStream out;
    private final PrintStream err;
    private final Function<String, Optional<String>> configuration;

    /** @param configuration value of a configuration key, for the sources that are to be looked at */
    public ConnectorCommand(PrintStream out, PrintStream err, Function<String, Optional<String>> configuration) {
        this.out = out;
        this.err = err;
        this.configuration = configuration;
    }

    /** Runs it with the given words; returns the exit code. */
    public int run(List<String> args) {
        if (args.size() > 1 && args.get(0).equals("new")) {
            return create(args.subList(1, args.size()));
        }
        if (!args.isEmpty() && args.get(0).equals("script")) {
            return script(args.subList(1, args.size()));
        }
        if (args.size() < 2 || !List.of("check", "test", "list", "page").contains(args.get(0))) {
            err.println(usage());
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
            case "page" -> page(manifests);
            default -> list(manifests);
        };
    }

    private int page(List<Manifest> manifests) {
        ManifestPage pages = new ManifestPage(PoolModel.standard());
        for (Manifest manifest : manifests) {
            Path file = Path.of(manifest.file()).resolveSibling("README.md");
            try {
                Files.writeString(file, pages.of(manifest));
            } catch (IOException e) {
                err.println(file + " cannot be written: " + e.getMessage());
                return 1;
            }
            out.println(file);
        }
        return 0;
    }

    private static String usage() {
        return USAGE.formatted(String.join(", ", NewConnector.kinds()));
    }

    private int create(List<String> args) {
        Map<String, String> options = new HashMap<>();
        for (int i = 1; i + 1 < args.size(); i += 2) {
            options.put(args.get(i), args.get(i + 1));
        }
        String kind = options.remove("--kind");
        Path parent = Path.of(options.getOrDefault("--in", ""));
        options.remove("--in");
        if (args.size() % 2 == 0 || kind == null || !options.isEmpty()) {
            err.println(usage());
            return 2;
        }
        try {
            Path file = NewConnector.write(parent, args.get(0), kind);
            out.println(file);
            out.println("Next: fill it in, then connector check " + file.getParent() + ", connector test "
                    + file.getParent());
            return 0;
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            return 1;
        }
    }

    private int check(List<Manifest> manifests) {
        int wrong = 0;
        for (Manifest manifest : manifests) {
            out.println("ok    " + manifest.file() + "  "
                    + counted(manifest.streams().size(), "stream"));
            wrong += look(manifest);
        }
        return wrong == 0 ? 0 : 1;
    }

    /** Looks at a source that is configured; one that is not is none of this check's. */
    private int look(Manifest manifest) {
        Connector connector;
        try {
            Map<String, String> beside = ParameterFile.read(
                    Optional.ofNullable(Path.of(manifest.file()).getParent()).orElse(Path.of("")), manifest);
            boolean configured = manifest.parameters().values().stream()
                    .filter(Manifest.Parameter::required)
                    .map(p -> "yimen.connector." + manifest.id() + "." + p.name())
                    .anyMatch(key ->
                            beside.containsKey(key) || configuration.apply(key).isPresent());
            if (!configured) {
                out.println("      its source is not configured: not looked at");
                return 0;
            }
            connector = Connector.of(
                    manifest, key -> Optional.ofNullable(beside.get(key)).or(() -> configuration.apply(key)));
        } catch (ManifestException e) {
            e.errors().forEach(err::println);
            return e.errors().size();
        }
        try {
            SourceCheck.Findings findings = SourceCheck.of(connector, Clock.systemUTC());
            findings.found().forEach(line -> out.println("      " + line));
            findings.wrong().forEach(line -> err.println(manifest.file() + ":1: " + line));
            return findings.wrong().size();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
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

    /** FOLDER, then the database (that of the address, if the manifest tells) and the login, {@code yimen}. */
    private int script(List<String> args) {
        if (args.isEmpty() || args.size() > 3 || (args.size() > 1 && !JdbcScript.DATABASES.contains(args.get(1)))) {
            err.println(usage());
            return 2;
        }
        try {
            Manifest manifest =
                    new Manifests().read(List.of(Path.of(args.get(0)))).get(0);
            boolean mariaDb = manifest.settings() instanceof Manifest.Jdbc jdbc
                    && jdbc.url().startsWith("jdbc:mariadb:");
            String database = args.size() > 1 ? args.get(1) : mariaDb ? "mariadb" : "postgresql";
            out.print(JdbcScript.of(manifest, database, args.size() > 2 ? args.get(2) : "yimen"));
            return 0;
        } catch (ManifestException e) {
            e.errors().forEach(err::println);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
        }
        return 1;
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
