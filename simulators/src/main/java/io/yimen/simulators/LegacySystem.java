package io.yimen.simulators;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A system of the community that runs: what a hub has to be told in order to read it, and what keeps it changing. Each is
 * a real server, or the files of one, with seeded people and places that the other systems know as well.
 */
public interface LegacySystem extends AutoCloseable {
    /** Id of its connector: the name of its folder in the catalog. */
    String connector();

    /** What its connector is configured with: values by key, as {@code yimen.connector.election.jdbc-url}. */
    Map<String, String> keys();

    /** The server process under it, if it has one of its own. */
    default Optional<EmbeddedServer> server() {
        return Optional.empty();
    }

    /** Where the hub listens, for a system that goes there by itself; told once, before {@link #live}. */
    default void follow(URI hub) {}

    /** Changes by itself, so many times a second, until it is closed. */
    default void live(double perSecond) {}

    /** Stops it and what it started. */
    @Override
    void close();

    /** Values by the keys of a connector, for {@link #keys}. */
    static Map<String, String> keysOf(String connector, Map<String, String> parameters) {
        Map<String, String> keys = new TreeMap<>();
        parameters.forEach((name, value) -> keys.put("yimen.connector." + connector + "." + name, value));
        return keys;
    }
}
