package io.yimen.hub.ingest;

import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.hub.config.HubConfig;
import io.yimen.pool.model.PoolModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Where the manifests of connectors lie at this moment: in the catalog, or in the folder of those that come and go.
 *
 * @param catalog folder with one folder a connector, each called by its id
 * @param enabled ids of the catalog's connectors that run, {@code *} for all
 * @param folder with one folder a connector, called as one likes; empty where there is none
 */
public record ConnectorFiles(Path catalog, List<String> enabled, Optional<Path> folder, PoolModel model) {
    public static ConnectorFiles of(HubConfig.Connectors config, PoolModel model) {
        return new ConnectorFiles(config.catalog(), config.enabled(), config.folder(), model);
    }

    /** By the values of configuration keys, the empty text for one that is not set. */
    public static ConnectorFiles of(UnaryOperator<String> settings, PoolModel model) {
        return new ConnectorFiles(
                Path.of(settings.apply("yimen.connectors.catalog")),
                List.of(settings.apply("yimen.connectors.enabled").split("\\s*,\\s*")),
                Optional.of(settings.apply("yimen.connectors.folder"))
                        .filter(name -> !name.isEmpty())
                        .map(Path::of),
                model);
    }

    /**
     * The manifest of a connector. A folder that is called by the id is the connector's, be its manifest wrong; no other
     * that is wrong is a hindrance.
     */
    public Optional<Path> find(String id) {
        Optional<Path> known = id.matches("[a-z0-9][a-z0-9-]*")
                ? Optional.of(catalog.resolve(id).resolve(Manifests.FILE)).filter(Files::isRegularFile)
                : Optional.empty();
        return enabled.contains("*") || enabled.contains(id)
                ? known.or(() -> findInFolder(id))
                : findInFolder(id).or(() -> known);
    }

    private Optional<Path> findInFolder(String id) {
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        try (Stream<Path> children = Files.list(folder.get())) {
            return children.sorted(Comparator.<Path, Boolean>comparing(child -> !isCalled(child, id))
                            .thenComparing(Comparator.naturalOrder()))
                    .map(child -> child.resolve(Manifests.FILE))
                    .filter(file -> Files.isRegularFile(file) && isOf(file, id))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private boolean isOf(Path file, String id) {
        try {
            return new Manifests(model).read(List.of(file)).get(0).id().equals(id);
        } catch (ManifestException e) {
            return isCalled(file.resolveSibling(""), id);
        }
    }

    private static boolean isCalled(Path child, String id) {
        return id.equals(String.valueOf(child.getFileName()));
    }
}
