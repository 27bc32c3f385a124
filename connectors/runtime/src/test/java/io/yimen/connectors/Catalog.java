package io.yimen.connectors;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.Manifests;
import java.nio.file.Files;
import java.nio.file.Path;
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
        String prefix = "yimen.connector." + id + ".";
        return Connector.of(manifest(id), key -> Optional.ofNullable(parameters.get(key.substring(prefix.length()))));
    }
}
