package io.yimen.hub.config;

import java.util.List;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.ConfigSourceProvider;

/** Brings {@link YamlFile} into the configuration; found by the service loader. */
public final class YamlFileProvider implements ConfigSourceProvider {
    @Override
    public Iterable<ConfigSource> getConfigSources(ClassLoader loader) {
        return YamlFile.find().<List<ConfigSource>>map(List::of).orElse(List.of());
    }
}
