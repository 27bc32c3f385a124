package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of a source database, of which nothing is taken but hosts, database and parameters that are known to be
 * harmless: others make drivers load classes, read or write files, or ask other servers.
 *
 * @param driver class of the JDBC driver
 * @param parameters what it says besides, in the driver's own words
 */
record JdbcAddress(String url, JdbcDialect dialect, String driver, Map<String, String> parameters) {
    private static final Pattern FORM = Pattern.compile("jdbc:([a-z][a-z0-9]*)://"
            + "(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::\\d{1,5})?"
            + "(?:,(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::\\d{1,5})?)*"
            + "(?:/[\\p{L}\\p{N}._-]*)?(?:\\?(.*))?");
    private static final Pattern FIRST_HOST =
            Pattern.compile("jdbc:[a-z0-9]+://(?:\\[([0-9A-Fa-f:.]+)]|([^,:/?]+))(?::(\\d+))?");
    private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9._-]*");
    private static final Pattern CLASS = Pattern.compile("[A-Za-z_][\\w$]*(\\.[A-Za-z_][\\w$]*)+");
    private static final Pattern FILE = Pattern.compile("/[\\p{L}\\p{N}._/-]+");
    private static final Set<String> POSTGRES = Set.of(
            "sslmode",
            "sslrootcert",
            "tcpKeepAlive",
            "targetServerType",
            "connectTimeout",
            "socketTimeout",
            "loginTimeout");
    private static final Set<String> MARIADB =
            Set.of("sslMode", "serverSslCert", "tcpKeepAlive", "connectTimeout", "socketTimeout");
    /** Parameters that name a file of certificates, with those that say whether they are looked at. */
    private static final Map<String, String> AUTHORITIES = Map.of("sslrootcert", "sslmode", "serverSslCert", "sslMode");

    private static final Set<String> VERIFYING = Set.of("verify-ca", "verify-full");

    /** What is known of the addresses that begin with {@code jdbc:scheme:}. */
    private record Scheme(JdbcDialect dialect, String driver, Set<String> parameters) {}

    private static final Map<String, Scheme> SCHEMES = Map.of(
            "postgresql", new Scheme(JdbcDialect.POSTGRESQL, "org.postgresql.Driver", POSTGRES),
            "kingbase8", new Scheme(JdbcDialect.POSTGRESQL, "com.kingbase8.Driver", POSTGRES),
            "opengauss", new Scheme(JdbcDialect.POSTGRESQL, "org.opengauss.Driver", POSTGRES),
            "mariadb", new Scheme(JdbcDialect.MARIADB, "org.mariadb.jdbc.Driver", MARIADB),
            "oceanbase", new Scheme(JdbcDialect.MARIADB, "com.oceanbase.jdbc.Driver", Set.of()),
            "dm", new Scheme(JdbcDialect.OTHER, "dm.jdbc.driver.DmDriver", Set.of()));

    /**
     * @param driver class of the driver; null for the one that the address tells
     * @throws IllegalArgumentException saying what is wrong and what to do; it does not quote the address
     */
    static JdbcAddress of(String url, @Nullable String driver) {
        Matcher form = FORM.matcher(url);
        if (!form.matches()) {
            throw new IllegalArgumentException("is no address; write it like jdbc:postgresql://host:port/database");
        }
        Scheme scheme = SCHEMES.get(form.group(1));
        if (scheme == null && driver == null) {
            throw new IllegalArgumentException("is of an unknown kind: known are "
                    + String.join(
                            ", ",
                            SCHEMES.keySet().stream()
                                    .sorted()
                                    .map(s -> "jdbc:" + s)
                                    .toList())
                    + "; name the class of the driver in settings.driver");
        }
        if (driver != null && !CLASS.matcher(driver).matches()) {
            throw new IllegalArgumentException("is reached by a driver whose name is no name of a class");
        }
        Map<String, String> parameters = parameters(form.group(2), scheme == null ? Set.of() : scheme.parameters());
        checkAuthorities(parameters);
        return new JdbcAddress(
                url,
                scheme == null ? JdbcDialect.OTHER : scheme.dialect(),
                driver == null ? java.util.Objects.requireNonNull(scheme).driver() : driver,
                parameters);
    }

    private static Map<String, String> parameters(@Nullable String query, Set<String> allowed) {
        if (query == null) {
            return Map.of();
        }
        Map<String, String> parameters = new TreeMap<>();
        for (String parameter : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            String value = parameter.substring(equals + 1);
            if (!allowed.contains(name)
                    || equals < 0
                    || !(AUTHORITIES.containsKey(name) ? FILE : VALUE)
                            .matcher(value)
                            .matches()
                    || parameters.put(name, value) != null) {
                throw new IllegalArgumentException("has the parameter "
                        + name.replaceAll("[^A-Za-z0-9._-]", "?")
                        + ", which is not taken"
                        + (allowed.isEmpty()
                                ? ": an address of this kind has none"
                                : "; allowed are "
                                        + String.join(
                                                ", ", allowed.stream().sorted().toList())));
            }
        }
        return parameters;
    }

    /** Certificates that nothing is compared with would be a false promise. */
    private static void checkAuthorities(Map<String, String> parameters) {
        AUTHORITIES.forEach((name, mode) -> {
            if (!parameters.containsKey(name)) {
                return;
            }
            if (!VERIFYING.contains(parameters.getOrDefault(mode, ""))) {
                throw new IllegalArgumentException(
                        "has the parameter " + name + " without effect; write " + mode + "=verify-full beside it");
            }
            if (!new Authorities(Path.of(parameters.get(name))).isReadable()) {
                throw new IllegalArgumentException("has the parameter " + name
                        + ", whose file cannot be read or holds no certificates; put certificates in PEM form there");
            }
        });
    }

    /** Who may sign for the server, where the address says so. */
    Optional<Authorities> authorities() {
        return AUTHORITIES.keySet().stream()
                .filter(parameters::containsKey)
                .map(name -> new Authorities(Path.of(parameters.get(name))))
                .findFirst();
    }

    /** What to tell of a failed connection where that was because of the server's certificate, its name included. */
    Optional<ConnectorException> findRefusal(SQLException failure) {
        Optional<ConnectorException> told = Authorities.findRefusal(failure);
        boolean named = parameters.containsValue("verify-full");
        boolean unconnected = String.valueOf(failure.getSQLState()).startsWith("08");
        if (told.isPresent() || !named || !unconnected) {
            return told;
        }
        return authorities()
                .flatMap(known -> ShownCertificate.findFault(this, known))
                .map(fault -> Authorities.refusal(fault, failure));
    }

    /** The first host that it names. */
    String host() {
        Matcher first = firstHost();
        return first.group(1) != null ? first.group(1) : first.group(2);
    }

    /** The port there. */
    int port() {
        String port = firstHost().group(3);
        return port != null ? Integer.parseInt(port) : dialect == JdbcDialect.MARIADB ? 3306 : 5432;
    }

    private Matcher firstHost() {
        Matcher first = FIRST_HOST.matcher(url);
        if (!first.lookingAt()) {
            throw new IllegalStateException("it was an address when it was made");
        }
        return first;
    }

    /** Connects; statements may take so long, and the network a little longer. */
    Connection connect(String username, String password, Duration timeout) throws SQLException {
        Properties properties = new Properties();
        properties.put("user", username);
        properties.put("password", password);
        long socket = timeout.toSeconds() + 10;
        switch (dialect) {
            case POSTGRESQL -> {
                properties.put("connectTimeout", "5");
                properties.put("loginTimeout", "10");
                properties.put("socketTimeout", Long.toString(socket));
                properties.put("ApplicationName", "yimen");
                // A key that was read as text is compared as what its column is.
                properties.put("stringtype", "unspecified");
            }
            case MARIADB -> {
                properties.put("connectTimeout", "5000");
                properties.put("socketTimeout", Long.toString(socket * 1000));
                properties.put("allowLocalInfile", "false");
                properties.put("tinyInt1isBit", "false");
            }
            case OTHER -> {
                // Its driver's own words are not known.
            }
        }
        Connection connection = newDriver().connect(url, properties);
        if (connection == null) {
            throw new ConnectorException(
                    ConnectorException.Kind.CONFIGURATION,
                    "driver",
                    "the driver " + driver + " does not know addresses of this kind; correct settings.driver");
        }
        return connection;
    }

    private Driver newDriver() {
        for (ClassLoader loader : List.of(
                JdbcAddress.class.getClassLoader(), Thread.currentThread().getContextClassLoader())) {
            try {
                // Nothing of the class runs before it is known to be a driver.
                Class<?> type = Class.forName(driver, false, loader);
                if (Driver.class.isAssignableFrom(type)) {
                    return (Driver) type.getDeclaredConstructor().newInstance();
                }
            } catch (ReflectiveOperationException | LinkageError e) {
                // said below
            }
        }
        throw new ConnectorException(
                ConnectorException.Kind.CONFIGURATION,
                "driver",
                "there is no JDBC driver " + driver + " on the class path; put its jar there");
    }

    @Override
    public String toString() {
        return "a source database by " + driver;
    }
}
