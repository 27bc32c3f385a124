package io.yimen.hub.correction;

import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.hub.StartRefused;
import io.yimen.hub.config.HubConfig;
import io.yimen.hub.ingest.ConnectorFiles;
import io.yimen.pool.PoolException;
import io.yimen.pool.correction.Level;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.WorkingDays;
import io.yimen.pool.model.PoolModel;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads how corrections are dealt with from the configuration. */
public final class CorrectionConfig {
    private CorrectionConfig() {}

    /**
     * The policy that is configured.
     *
     * @throws StartRefused naming every key that is wrong
     */
    public static Policy policy(HubConfig hub, PoolModel model, Writable writable) {
        ConnectorFiles files = ConnectorFiles.of(hub.connectors(), model);
        HubConfig.Corrections config = hub.corrections();
        List<String> reasons = new ArrayList<>();
        Level level = level("yimen.corrections.level", config.level(), reasons);
        Map<String, Level> levels = new HashMap<>();
        for (String entry : config.levels().orElse(List.of())) {
            String[] parts = entry.strip().split("=", 2);
            if (parts.length == 2) {
                if (!isKnown(hub.connectors(), files, parts[0].strip())) {
                    reasons.add("yimen.corrections.levels names '" + parts[0].strip()
                            + "', which has no connector.yaml in the catalog or the connectors' folder");
                }
                levels.put(parts[0].strip(), level("yimen.corrections.levels", parts[1].strip(), reasons));
            } else {
                reasons.add("yimen.corrections.levels holds entries of the form SOURCE=self, SOURCE=street or"
                        + " SOURCE=owner");
            }
        }
        if (config.answerDays() < 1 || config.answerDays() > 250) {
            reasons.add("yimen.corrections.answer-days is not within 1 to 250");
        }
        config.ticketFolder().ifPresent(folder -> {
            if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
                reasons.add("yimen.corrections.ticket-folder names no folder that may be written to");
            }
        });
        WorkingDays calendar = calendar(config.workingDays(), reasons);
        for (String id : config.writeBack().orElse(List.of())) {
            writeBack(id.strip(), hub.connectors(), files, writable, reasons);
        }
        if (!reasons.isEmpty()) {
            throw new StartRefused(reasons);
        }
        return new Policy(level, levels, config.answerDays(), calendar, writable::fields);
    }

    /** One that is to be put into the connectors' folder is written into from then on. */
    private static void writeBack(
            String id, HubConfig.Connectors connectors, ConnectorFiles files, Writable writable, List<String> reasons) {
        Optional<Path> file = files.find(id);
        boolean ofCatalog = file.isPresent() && file.get().startsWith(connectors.catalog());
        boolean enabled =
                connectors.enabled().contains("*") || connectors.enabled().contains(id);
        if (ofCatalog && !enabled || file.isEmpty() && connectors.folder().isEmpty()) {
            reasons.add("yimen.corrections.write-back names '" + id + "', which is no connector of this hub");
        } else if (file.isPresent()) {
            try {
                if (!writable.put(
                        new Manifests(files.model()).read(List.of(file.get())).get(0))) {
                    reasons.add("yimen.corrections.write-back names '" + id
                            + "', whose connector.yaml lets nothing be written; name fields under writeBack there");
                }
            } catch (ManifestException e) {
                e.errors().forEach(error -> reasons.add(error.toString()));
            }
        }
    }

    /** Where no connector runs, the pool was filled by another hub, of whose sources this one knows nothing. */
    private static boolean isKnown(HubConfig.Connectors connectors, ConnectorFiles files, String source) {
        return connectors.enabled().equals(List.of("none"))
                || files.find(source).isPresent();
    }

    private static Level level(String key, String word, List<String> reasons) {
        for (Level level : Level.values()) {
            if (level.name().toLowerCase(Locale.ROOT).equals(word)) {
                return level;
            }
        }
        reasons.add(key + " is none of self, street, owner");
        return Level.SELF;
    }

    private static WorkingDays calendar(Optional<Path> file, List<String> reasons) {
        if (file.isEmpty()) {
            return WorkingDays.bundled();
        }
        try (Reader in = Files.newBufferedReader(file.get())) {
            return WorkingDays.read("yimen.corrections.working-days", in);
        } catch (IOException e) {
            reasons.add("yimen.corrections.working-days names no readable file");
        } catch (PoolException e) {
            reasons.add(String.valueOf(e.getMessage()));
        }
        return WorkingDays.bundled();
    }
}
