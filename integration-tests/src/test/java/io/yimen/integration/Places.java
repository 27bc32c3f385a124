package io.yimen.integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Where things are: the project's folders and the tests' own. */
final class Places {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private Places() {}

    /** The project's root folder. */
    static Path root() {
        return Path.of(System.getProperty("yimen.root", "..")).toAbsolutePath().normalize();
    }

    /** The packaged hub. */
    static Path hubJar() {
        Path jar = Path.of(System.getProperty(
                "yimen.hub.jar",
                root().resolve("routes/target/hub/yimen-hub.jar").toString()));
        if (!Files.isRegularFile(jar)) {
            throw new IllegalStateException("The hub is not built: run mvn package in " + root());
        }
        return jar;
    }

    /** The catalog that ships with the hub. */
    static Path catalog() {
        return root().resolve("connectors/catalog");
    }

    /** Copies a connector of the catalog that ships with the hub. */
    static Path copyConnector(String id, Path catalog) {
        return copy(catalog().resolve(id), catalog.resolve(id)).resolve("connector.yaml");
    }

    /** Copies the catalog that ships with the hub. */
    static void copyCatalog(Path catalog) {
        copy(catalog(), catalog);
    }

    private static Path copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
            return to;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new empty folder below {@code target/it}. */
    static Path folder(String name) {
        Path base = root().resolve("integration-tests/target/it")
                .resolve(name + "-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet());
        try {
            return Files.createDirectories(base);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
