package io.yimen.bench.copy;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The jars of what Yimen is compared with, as the first bench fetches them. Debezium's source of MariaDB is of another
 * version than its sink: with it each is a plugin of Connect, with its jars for itself.
 */
final class Peers {
    private static final String ANY = "/*";
    private static final List<String> PLUGINS_OWN = List.of("/debezium-", "/hibernate-");

    private final Path home;
    private final Path all;
    private final Path mariaDb;
    private final SourceKind source;

    /** @param home where Yimen is built */
    Peers(Path home, SourceKind source) {
        this.home = home;
        this.all = home.resolve("bench/peers/target");
        this.mariaDb = home.resolve("bench/peers/mariadb/target");
        this.source = source;
    }

    /** Of a program of the bench that runs Debezium's engine. */
    String engineClassPath() {
        Path target = source == SourceKind.MARIADB ? mariaDb : all;
        return home.resolve("bench/target/classes") + File.pathSeparator + target.resolve("lib") + ANY;
    }

    String connectClassPath() {
        if (source == SourceKind.POSTGRES) {
            return all.resolve("lib") + ANY;
        }
        try (Stream<Path> jars = Files.list(all.resolve("lib"))) {
            return jars.map(Path::toString)
                    .filter(jar -> PLUGINS_OWN.stream().noneMatch(jar::contains))
                    .sorted()
                    .collect(Collectors.joining(File.pathSeparator));
        } catch (IOException e) {
            throw new UncheckedIOException("The jars to compare with cannot be read", e);
        }
    }

    /** Folders whose folders are plugins of Connect; empty if they are on its class path. */
    Optional<String> pluginPath() {
        return source == SourceKind.POSTGRES ? Optional.empty() : Optional.of(all + "," + mariaDb);
    }
}
