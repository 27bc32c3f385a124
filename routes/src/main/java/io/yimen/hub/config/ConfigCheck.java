package io.yimen.hub.config;

import io.yimen.hub.StartRefused;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says what is wrong with the configuration before anything starts: every unknown key, missing key and wrong value,
 * each with where it came from and what to do. Never says a value, for it may be a secret.
 */
public final class ConfigCheck {
    private static final String CONNECTOR = "yimen.connector.";
    private static final Pattern SERVERS = Pattern.compile("[^\\s,:]+:\\d{1,5}(\\s*,\\s*[^\\s,:]+:\\d{1,5})*");

    private final Map<String, String> environment;
    private final Map<String, String> properties;
    private final Optional<YamlFile> file;
    private final List<ConfigKey> keys = ConfigKey.all();
    private final List<String> reasons = new ArrayList<>();

    private record Given(String value, String from) {}

    ConfigCheck(Map<String, String> environment, Map<String, String> properties, Optional<YamlFile> file) {
        this.environment = environment;
        this.properties = properties;
        this.file = file;
    }

    /**
     * Checks what this process was given.
     *
     * @return name → value, its default, or empty text: for what runs before or without the container
     */
    public static UnaryOperator<String> run() {
        Map<String, String> properties = System.getProperties().stringPropertyNames().stream()
                .filter(n -> n.startsWith("yimen."))
                .collect(Collectors.toMap(n -> n, System::getProperty));
        ConfigCheck check = new ConfigCheck(System.getenv(), properties, YamlFile.find());
        check.check();
        return check::value;
    }

    /** Refuses connector parameters that no manifest declares; called once the manifests are read. */
    public static void checkParameters(Collection<String> declared) {
        ofConnectors().parameters(declared);
    }

    /** The value of a connector's parameter, for what runs without the container. */
    public static Optional<String> findParameter(String key) {
        return ofConnectors().find(key).map(Given::value);
    }

    /** Whether there is any connector parameter: without one, nobody needs to know what the manifests declare. */
    public static boolean hasParameters() {
        ConfigCheck check = ofConnectors();
        check.unknown(List.of(), true);
        return !check.reasons.isEmpty();
    }

    private static ConfigCheck ofConnectors() {
        Map<String, String> properties = System.getProperties().stringPropertyNames().stream()
                .filter(n -> n.startsWith(CONNECTOR))
                .collect(Collectors.toMap(n -> n, System::getProperty));
        return new ConfigCheck(System.getenv(), properties, YamlFile.find());
    }

    void check() {
        unknown(keys.stream().map(ConfigKey::name).toList(), false);
        for (ConfigKey key : keys) {
            Optional<Given> given = find(key.name());
            if (given.isEmpty() && key.required()) {
                reasons.add(key.name() + " is missing. Set it in yimen.yaml or as " + key.environmentName());
            }
            given.ifPresent(g -> key.complaint(g.value).ifPresent(c -> wrong(key.name(), g, c)));
        }
        find("yimen.pool.jdbc-url")
                .filter(g -> !g.value.startsWith("jdbc:postgresql://"))
                .ifPresent(g ->
                        wrong("yimen.pool.jdbc-url", g, "is not of the form jdbc:postgresql://host:port/database"));
        find("yimen.kafka.bootstrap-servers")
                .filter(g -> !SERVERS.matcher(g.value.strip()).matches())
                .ifPresent(g -> wrong("yimen.kafka.bootstrap-servers", g, "is not of the form host:port,host:port"));
        catalog();
        keyFile();
        passwords();
        end();
    }

    void parameters(Collection<String> declared) {
        unknown(declared, true);
        end();
    }

    private void unknown(Collection<String> known, boolean connectors) {
        TreeSet<String> names = new TreeSet<>(properties.keySet());
        file.ifPresent(f -> names.addAll(f.getPropertyNames()));
        for (String name : names) {
            String plain = name.replaceAll("\\[\\d+]$", "");
            if (name.startsWith("yimen.") && name.startsWith(CONNECTOR) == connectors && !known.contains(plain)) {
                String from = find(name).map(Given::from).orElse("configuration");
                reasons.add(name + " (" + from + ") is not a key of Yimen" + nearest(plain, known));
            }
        }
        List<String> variables = known.stream().map(ConfigKey::environmentName).toList();
        for (String name : new TreeSet<>(environment.keySet())) {
            boolean connector = name.startsWith("YIMEN_CONNECTOR_");
            if (name.startsWith("YIMEN_") && connector == connectors && !variables.contains(name)) {
                reasons.add(name + " (environment) is not a key of Yimen" + nearest(name, variables));
            }
        }
    }

    private void catalog() {
        Path catalog = Path.of(value("yimen.connectors.catalog"));
        String enabled = value("yimen.connectors.enabled");
        if (enabled.equals("none")) {
            return;
        }
        if (!Files.isDirectory(catalog)) {
            wrong("yimen.connectors.catalog", given("yimen.connectors.catalog"), "names no folder");
            return;
        }
        for (String id : enabled.split(",")) {
            if (!id.strip().equals("*")
                    && !Files.isRegularFile(catalog.resolve(id.strip()).resolve("connector.yaml"))) {
                wrong(
                        "yimen.connectors.enabled",
                        given("yimen.connectors.enabled"),
                        "names '" + id.strip() + "', which has no connector.yaml in the catalog");
            }
        }
    }

    private void keyFile() {
        find("yimen.vault.key-file").ifPresent(g -> {
            if (!Files.isReadable(Path.of(g.value))
                    && !value("yimen.vault.create").equals("true")) {
                wrong("yimen.vault.key-file", g, "names no readable file; for a new pool set yimen.vault.create=true");
            }
        });
    }

    private void passwords() {
        find("yimen.admin.password-file")
                .filter(g -> !Files.isReadable(Path.of(g.value)))
                .ifPresent(g -> wrong("yimen.admin.password-file", g, "names no readable file"));
        if (value("yimen.demo.accounts").equals("true")) {
            Optional<Given> password = find("yimen.demo.password");
            if (password.isEmpty()) {
                reasons.add("yimen.demo.password is missing. yimen.demo.accounts=true asks for one");
            }
            password.filter(g -> g.value.length() < 8)
                    .ifPresent(g -> wrong("yimen.demo.password", g, "has fewer than 8 characters"));
        }
    }

    private void wrong(String name, Given given, String complaint) {
        reasons.add(name + " (" + given.from + ") " + complaint);
    }

    private void end() {
        if (!reasons.isEmpty()) {
            throw new StartRefused(reasons);
        }
    }

    private String value(String name) {
        return given(name).value;
    }

    private Given given(String name) {
        return find(name).orElseGet(() -> {
            String byDefault = keys.stream()
                    .filter(k -> k.name().equals(name))
                    .flatMap(k -> Stream.ofNullable(k.defaultValue()))
                    .findFirst()
                    .orElse("");
            return new Given(byDefault, "default");
        });
    }

    private Optional<Given> find(String name) {
        Optional<Given> property = given(properties.get(name), "system property");
        Optional<Given> variable = given(
                environment.get(ConfigKey.environmentName(name)), "environment " + ConfigKey.environmentName(name));
        Optional<Given> line =
                file.flatMap(f -> given(f.getValue(name), f.placeOf(name).orElse(f.getName())));
        return property.or(() -> variable).or(() -> line);
    }

    private static Optional<Given> given(@Nullable String value, String from) {
        return value == null || value.isEmpty() ? Optional.empty() : Optional.of(new Given(value, from));
    }

    private static String nearest(String name, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(k -> distance(name, k)))
                .filter(k -> distance(name, k) <= Math.max(3, name.length() / 4))
                .map(k -> ". Did you mean " + k + "?")
                .orElse(". Remove it");
    }

    /** Levenshtein. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
