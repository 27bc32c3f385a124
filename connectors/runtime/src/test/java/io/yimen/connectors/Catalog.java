package io.yimen.connectors;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.simulators.LegacySystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The catalog beside this module, as tests use it. */
public final class Catalog {
    private Catalog() {}

    public static Path folder() {
        Path here = Path.of("").toAbsolutePath();
        while (here != null) {
            Path catalog = here.resolve("connectors/catalog");
            if (Files.isDirectory(catalog)) {
                return catalog;
            }
            here = here.getParent();
        }
        throw new IllegalStateException("there is no connectors/catalog above the working folder");
    }

    public static Manifest manifest(String id) {
        return Manifests.load(folder().resolve(id)).get(0);
    }

    /** A connector of the catalog with these parameters. */
    public static Connector connector(String id, Map<String, String> parameters) {
        return connector(manifest(id), parameters);
    }

    /** A connector of a manifest that a test has written, without parameters. */
    public static Connector connector(Path folder, String manifest) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(Manifests.FILE), manifest);
        return connector(Manifests.load(folder).get(0), Map.of());
    }

    /** A connector of a manifest with these parameters. */
    public static Connector connector(Manifest manifest, Map<String, String> parameters) {
        String prefix = "yimen.connector." + manifest.id() + ".";
        return Connector.of(manifest, key -> Optional.ofNullable(parameters.get(key.substring(prefix.length()))));
    }

    /** A connector of the catalog as a simulator wants it configured, with some parameters changed. */
    public static Connector connector(LegacySystem system, Map<String, String> changed) {
        String prefix = "yimen.connector." + system.connector() + ".";
        Map<String, String> parameters = new HashMap<>();
        system.keys().forEach((key, value) -> parameters.put(key.substring(prefix.length()), value));
        parameters.putAll(changed);
        return connector(system.connector(), parameters);
    }
}
