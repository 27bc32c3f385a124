package io.yimen.hub.erasure;

import io.yimen.hub.StartRefused;
import io.yimen.hub.config.HubConfig;
import io.yimen.pool.PoolException;
import io.yimen.pool.erasure.ErasurePolicy;
import io.yimen.pool.erasure.ErasureRules;
import io.yimen.pool.model.PoolModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Reads how people are erased from the configuration. */
public final class ErasureConfig {
    private ErasureConfig() {}

    /**
     * The policy that is configured.
     *
     * @throws StartRefused if the rules cannot be read or are not understood
     */
    public static ErasurePolicy policy(HubConfig config, PoolModel model) {
        return new ErasurePolicy(
                config.erasure().fourEyes(), rules(config.erasure().rules(), model));
    }

    private static ErasureRules rules(Optional<Path> file, PoolModel model) {
        if (file.isEmpty()) {
            return ErasureRules.bundled(model);
        }
        try {
            return ErasureRules.read(model, "yimen.erasure.rules", Files.readString(file.get()));
        } catch (IOException e) {
            throw new StartRefused(List.of("yimen.erasure.rules names no readable file"));
        } catch (PoolException e) {
            throw new StartRefused(List.of(String.valueOf(e.getMessage())));
        }
    }
}
