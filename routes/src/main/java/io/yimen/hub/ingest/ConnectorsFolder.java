package io.yimen.hub.ingest;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestError;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.connectors.manifest.ParameterFile;
import io.yimen.pool.model.PoolModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The folder whose connectors come and go while the hub runs. A folder that is broken is told, and the others go on; one
 * that was good before stays what it was until it is good again. One thread.
 */
final class ConnectorsFolder {
    private final Optional<Path> folder;
    private final PoolModel model;
    private final Map<Path, Read> known = new HashMap<>();

    /**
     * A connector's folder as it was read.
     *
     * @param text of its files, which tells whether they changed
     * @param values of its own parameters, by configuration key
     */
    record Found(Path folder, String text, Manifest manifest, Map<String, String> values) {}

    /** A connector's folder that cannot be used, and why. */
    record Fault(String folder, String message) {}

    /** What is there. */
    record Contents(List<Found> found, List<Fault> faults) {}

    private record Read(String text, Optional<Found> found, Optional<Fault> fault) {}

    ConnectorsFolder(Optional<Path> folder, PoolModel model) {
        this.folder = folder;
        this.model = model;
    }

    /** Looks; only what changed is read. */
    Contents look() {
        List<Fault> faults = new ArrayList<>();
        List<Path> children = children(faults);
        known.keySet().retainAll(Set.copyOf(children));
        Map<String, Found> byId = new TreeMap<>();
        for (Path child : children) {
            Read read = read(child);
            known.put(child, read);
            read.fault().ifPresent(faults::add);
            read.found().ifPresent(found -> {
                Found other = byId.putIfAbsent(found.manifest().id(), found);
                if (other != null) {
                    faults.add(new Fault(
                            name(child), found.manifest().id() + " is taken by " + other.folder() + "; remove one"));
                }
            });
        }
        return new Contents(List.copyOf(byId.values()), faults);
    }

    private List<Path> children(List<Fault> faults) {
        if (folder.isEmpty()) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder.get())) {
            return children.filter(Files::isDirectory).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            faults.add(new Fault(folder.get().toString(), "cannot be read; check its rights"));
            return List.copyOf(known.keySet());
        }
    }

    private Read read(Path child) {
        Read before = known.get(child);
        String text;
        try {
            text = textOf(child.resolve(Manifests.FILE)) + "\u0000" + textOf(child.resolve(ParameterFile.NAME));
        } catch (IOException e) {
            return broken(child, "", before, "cannot be read; save it as UTF-8");
        }
        if (before != null && before.text().equals(text)) {
            return before;
        }
        try {
            Manifest manifest = new Manifests(model).read(List.of(child)).get(0);
            return new Read(
                    text,
                    Optional.of(new Found(child, text, manifest, ParameterFile.read(child, manifest))),
                    Optional.empty());
        } catch (ManifestException e) {
            return broken(
                    child,
                    text,
                    before,
                    String.join(
                            "; ",
                            e.errors().stream().map(ManifestError::toString).toList()));
        }
    }

    private static Read broken(Path child, String text, @org.jspecify.annotations.Nullable Read before, String why) {
        return new Read(
                text, before == null ? Optional.empty() : before.found(), Optional.of(new Fault(name(child), why)));
    }

    private static String name(Path child) {
        return String.valueOf(child.getFileName());
    }

    private static String textOf(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        }
    }
}
