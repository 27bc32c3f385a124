package io.yimen.connectors.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code parameters.yaml} beside a manifest: values of its parameters, for a connector that comes while the hub runs. A
 * secret stands there as a reference, never itself.
 */
public final class ParameterFile {
    /** Its name. */
    public static final String NAME = "parameters.yaml";

    private ParameterFile() {}

    /**
     * Reads the file of a connector's folder.
     *
     * @return values by configuration key, {@code yimen.connector.ID.PARAMETER}; empty where there is no file
     * @throws ManifestException for what is not a parameter, has no plain value, or is a secret in clear
     */
    public static Map<String, String> read(Path folder, Manifest manifest) {
        Path file = folder.resolve(NAME);
        if (!Files.exists(file)) {
            return Map.of();
        }
        List<ManifestError> errors = new ArrayList<>();
        Map<String, String> values = new TreeMap<>();
        try {
            YamlDocument document = YamlDocument.read(Files.readString(file), file.toString(), errors);
            if (document != null) {
                document.root()
                        .properties()
                        .forEach(e -> read(e.getKey(), e.getValue(), manifest, document, file, values, errors));
            }
        } catch (IOException e) {
            errors.add(new ManifestError(file.toString(), 0, "", "cannot be read; save it as UTF-8"));
        }
        if (!errors.isEmpty()) {
            throw new ManifestException(errors);
        }
        return values;
    }

    private static void read(
            String name,
            JsonNode value,
            Manifest manifest,
            YamlDocument document,
            Path file,
            Map<String, String> values,
            List<ManifestError> errors) {
        Manifest.Parameter parameter = manifest.parameters().get(name);
        String message = null;
        if (parameter == null) {
            message = "is no parameter of " + manifest.id()
                    + Suggestion.of(name, manifest.parameters().keySet());
        } else if (!value.isValueNode() || value.isNull()) {
            message = "has no plain value";
        } else if (parameter.secret() && !value.asText().matches("(env|file):.+")) {
            message = "is secret: write env:NAME or file:/path, never the value itself";
        }
        if (message != null) {
            errors.add(new ManifestError(file.toString(), document.lineOf(name), name, message));
            return;
        }
        values.put("yimen.connector." + manifest.id() + "." + name, value.asText());
    }
}
