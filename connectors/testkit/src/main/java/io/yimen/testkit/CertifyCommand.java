package io.yimen.testkit;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.testkit.systems.Fixtures;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * {@code connector certify NAME…|--all [--json]}: takes connectors of the catalog through the conformance kit, each
 * against its simulator. Exit codes: 0 nothing failed, 1 something did, 2 the command was not understood.
 */
public final class CertifyCommand {
    private static final String USAGE = """
            usage: connector certify NAME... [--json]
                   connector certify --all [--json]
            NAME is a connector of the catalog. --json: an array of {connector, check, outcome, reason}.""";

    private final Path catalog;
    private final PrintStream out;
    private final PrintStream err;

    CertifyCommand(Path catalog, PrintStream out, PrintStream err) {
        this.catalog = catalog;
        this.out = out;
        this.err = err;
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        Path catalog = Path.of(System.getProperty("yimen.home", ""), "connectors", "catalog");
        System.exit(new CertifyCommand(catalog, out, err).run(List.of(args)));
    }

    int run(List<String> args) throws IOException, InterruptedException {
        boolean json = args.contains("--json");
        List<String> names =
                new ArrayList<>(args.stream().filter(a -> !a.equals("--json")).toList());
        Map<String, Function<Path, Fixture>> fixtures = Fixtures.all();
        if (names.equals(List.of("--all"))) {
            names = new ArrayList<>(fixtures.keySet());
        }
        if (names.isEmpty() || names.stream().anyMatch(n -> n.startsWith("-"))) {
            err.println(USAGE);
            return 2;
        }
        List<Verdict> verdicts = new ArrayList<>();
        for (String name : names) {
            Function<Path, Fixture> fixture = fixtures.get(name);
            if (fixture == null) {
                err.println("There is no fixture for " + name + "; known are " + String.join(", ", fixtures.keySet())
                        + ". See docs/connectors.md");
                return 2;
            }
            try {
                verdicts.addAll(certify(name, fixture, json));
            } catch (ManifestException e) {
                e.errors().forEach(err::println);
                return 1;
            }
        }
        if (json) {
            out.println(Report.json(verdicts));
        } else {
            out.println(Report.sum(verdicts));
        }
        return verdicts.stream().anyMatch(Verdict::isFailed) ? 1 : 0;
    }

    private List<Verdict> certify(String name, Function<Path, Fixture> start, boolean json)
            throws IOException, InterruptedException {
        Manifest manifest = Manifests.load(catalog.resolve(name)).get(0);
        Path folder = Files.createTempDirectory("yimen-certify");
        try (Fixture fixture = start.apply(folder.resolve(name));
                Certification certification = new Certification(
                        fixture, manifest, verdict -> (json ? err : out).println(Report.line(verdict)))) {
            return certification.run();
        } catch (RuntimeException | IOException | InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the system of " + name + " did not stop in order", e);
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
