package io.yimen.bench.copy;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.pool.PoolCommand;
import io.yimen.simulators.FreePorts;
import io.yimen.simulators.HubProgram;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Yimen: the packaged hub, with the bench's manifest and a pool of its own; everything on, no broker to publish to. */
final class HubCopy implements CopySystem {
    private static final String USER = "yimen";
    private static final Pattern KIND = Pattern.compile("(?m)^kind: .*$");

    private final String name;
    private final Pair pair;
    private final Path home;
    private final Path folder;
    private final List<String> options;
    private final Path catalog;
    private final Manifest manifest;
    private final PoolTarget target;
    private final Child hub;

    /**
     * @param name what it is called in results
     * @param home where Yimen is built
     * @param options of the hub's JVM
     */
    HubCopy(String name, Pair pair, Path home, Path folder, Width width, List<String> options) {
        this.name = name;
        this.pair = pair;
        this.home = home;
        this.folder = folder;
        this.options = options;
        this.catalog = catalog(home.resolve("bench/connectors"), width, pair.source.kind(), folder);
        this.manifest = Manifests.load(catalog).stream()
                .filter(m -> m.id().equals(width.connector()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("There is no " + width.connector() + " in " + catalog));
        this.target = new PoolTarget(manifest, vaultKey(), pair.source::quoted);
        this.hub = new Child(folder);
    }

    /** The bench's own connectors, or what they are for another kind of source: the streams are the same. */
    private static Path catalog(Path ours, Width width, String kind, Path folder) {
        try {
            String text = Files.readString(ours.resolve(width.connector()).resolve("connector.yaml"));
            String other = KIND.matcher(text).replaceFirst("kind: " + kind);
            if (other.equals(text)) {
                return ours;
            }
            Path catalog = folder.resolve("connectors");
            Path connector = Files.createDirectories(catalog.resolve(width.connector()));
            Files.writeString(connector.resolve("connector.yaml"), other);
            return catalog;
        } catch (IOException e) {
            throw new UncheckedIOException("The bench's connector cannot be made", e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void prepare() throws SQLException, IOException {
        pair.target.createLogin(USER, pair.target.password(), "createrole");
        try (Connection connection = pair.target.connect("postgres")) {
            Pair.execute(connection, List.of("alter database " + CopySource.BENCH + " owner to " + USER));
        }
        Files.createDirectories(folder);
        Map<String, String> keys = new TreeMap<>();
        keys.put("yimen.pool.jdbc-url", pair.targetUrl());
        keys.put("yimen.pool.username", USER);
        keys.put("yimen.pool.password", pair.target.password());
        keys.put("yimen.vault.key-file", vaultKey().toString());
        keys.put("yimen.vault.create", "true");
        keys.put("yimen.connectors.catalog", catalog.toString());
        keys.put("yimen.connectors.enabled", manifest.id());
        keys.put("yimen.connectors.approve", "true");
        keys.put("yimen.connector." + manifest.id() + ".jdbc-url", pair.source.url());
        keys.put("yimen.connector." + manifest.id() + ".username", pair.source.user());
        keys.put("yimen.connector." + manifest.id() + ".password", pair.source.password());
        keys.put("quarkus.http.port", Integer.toString(FreePorts.find()));
        keys.put("quarkus.management.port", Integer.toString(FreePorts.find()));
        StringBuilder yaml = new StringBuilder();
        keys.forEach(
                (key, value) -> yaml.append(key).append(": \"").append(value).append("\"\n"));
        Path file = Files.createFile(
                folder.resolve("yimen.yaml"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, yaml, StandardCharsets.UTF_8);
    }

    private Path vaultKey() {
        return folder.resolve("vault.key");
    }

    @Override
    public void launch() throws IOException {
        hub.launch(new HubProgram(home).arguments(options));
    }

    @Override
    public void stop() {
        hub.stop();
    }

    @Override
    public void pause() throws IOException, InterruptedException {
        hub.pause();
    }

    @Override
    public void resume() throws IOException, InterruptedException {
        hub.resume();
    }

    @Override
    public List<Long> processes() {
        return List.of(hub.pid());
    }

    @Override
    public CopyTarget target() {
        return target;
    }

    /** What a rebuild of the pool from its claims finds different, by content hashes of golden records. */
    Optional<String> findDifferenceOfRebuild() {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        int code = new PoolCommand(out, out)
                .run(
                        List.of(
                                "rebuild",
                                "--verify",
                                "--jdbc-url",
                                pair.targetUrl(),
                                "--user",
                                USER,
                                "--vault-key",
                                vaultKey().toString()),
                        pair.target.password());
        return code == 0
                ? Optional.empty()
                : Optional.of("a rebuild differs: " + said.toString(StandardCharsets.UTF_8));
    }

    @Override
    public String lastWords() {
        return hub.lastWords();
    }

    @Override
    public void close() {
        stop();
    }
}
