package io.yimen.connectors;

import io.yimen.connectors.manifest.Manifests;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes the folder with which a new connector begins: it passes its own tests as it is. A kind is a template. */
final class NewConnector {
    private static final String TEMPLATES = "/io/yimen/connectors/templates/";

    private NewConnector() {}

    /** Kinds that there are, as the form of a manifest names them. */
    static List<String> kinds() {
        return Manifests.kinds();
    }

    /**
     * Writes {@code parent/name/connector.yaml}.
     *
     * @return the file
     * @throws IllegalArgumentException if that cannot be, and what to do
     */
    static Path write(Path parent, String name, String kind) {
        if (!name.matches("[a-z][a-z0-9-]{0,39}")) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is no name; use small letters, digits and dashes, a letter first");
        }
        if (!kinds().contains(kind)) {
            throw new IllegalArgumentException("\"" + kind + "\" is no kind; there are " + String.join(", ", kinds()));
        }
        Path folder = parent.resolve(name);
        if (Files.exists(folder)) {
            throw new IllegalArgumentException(folder + " is there already; choose another name");
        }
        try (InputStream template = NewConnector.class.getResourceAsStream(TEMPLATES + kind + ".yaml")) {
            if (template == null) {
                throw new IllegalArgumentException(
                        "there is no template of " + kind + " yet; begin with a folder of the catalog that is one");
            }
            String text = new String(template.readAllBytes(), StandardCharsets.UTF_8).replace("@name@", name);
            Files.createDirectories(folder);
            return Files.writeString(folder.resolve(Manifests.FILE), text);
        } catch (IOException e) {
            throw new IllegalArgumentException(folder + " cannot be written: " + e.getMessage(), e);
        }
    }
}
