package io.yimen.hub.quarantine;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.connectors.replay.ManifestRemapping;
import io.yimen.hub.ingest.ConnectorFiles;
import io.yimen.pool.quarantine.Remapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The mappings of a source as its manifest has them at this moment, be it edited since the start, in the catalog or in
 * the folder of connectors that come and go.
 *
 * @param state the manifest's text; empty where there is none
 */
public record TodaysRemapping(Remapping remapping, String state) {
    /** @throws io.yimen.connectors.manifest.ManifestException if the manifest is wrong, with file and line */
    public static TodaysRemapping of(ConnectorFiles files, String source) {
        Optional<Path> file = files.find(source);
        if (file.isEmpty()) {
            return new TodaysRemapping(ManifestRemapping.of(List.of()), "");
        }
        List<Manifest> manifests = new Manifests(files.model()).read(List.of(file.get()));
        try {
            return new TodaysRemapping(
                    ManifestRemapping.of(manifests), Files.readString(file.get(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(file.get() + " cannot be read", e);
        }
    }
}
