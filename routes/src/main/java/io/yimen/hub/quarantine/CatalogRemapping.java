package io.yimen.hub.quarantine;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.connectors.replay.ManifestRemapping;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.quarantine.Remapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The mappings of a source as its manifest in the catalog has them at this moment, be it edited since the start. Other
 * sources' manifests are not looked at: one that is wrong is no hindrance.
 *
 * @param state the manifest's text; empty where the catalog has none
 */
public record CatalogRemapping(Remapping remapping, String state) {
    /**
     * @param catalog folder with one folder a connector
     * @throws io.yimen.connectors.manifest.ManifestException if the manifest is wrong, with file and line
     */
    public static CatalogRemapping of(Path catalog, String source, PoolModel model) {
        Path file = source.matches("[a-z0-9][a-z0-9-]*")
                ? catalog.resolve(source).resolve(Manifests.FILE)
                : catalog.resolve("");
        if (!Files.isRegularFile(file)) {
            return new CatalogRemapping(ManifestRemapping.of(List.of()), "");
        }
        List<Manifest> manifests = new Manifests(model).read(List.of(file));
        try {
            return new CatalogRemapping(
                    ManifestRemapping.of(manifests), Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }
}
