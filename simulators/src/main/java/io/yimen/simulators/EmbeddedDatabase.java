package io.yimen.simulators;

import com.sun.management.OperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server of one's own in a folder: 127.0.0.1, a free port, a password, UTF-8, logical decoding, and as
 * durable as a real one. The folder is kept when it stops; the next start goes on with it. A server that a killed
 * process left running in the folder is stopped first.
 *
 * <p>Thread-safe. Runs as an ordinary user and as root (in a user namespace, since PostgreSQL refuses root).
 */
public final class EmbeddedDatabase implements EmbeddedServer {
    /** The superuser's name. */
    public static final String SUPERUSER = "postgres";

    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(20);
    private static final int ATTEMPTS = 5;
    /** Seconds that a look at the server may take, whatever answers at its port. */
    private static final String LOOK = "?connectTimeout=10&socketTimeout=10&loginTimeout=20";

    /** The line of postmaster.pid that tells how far the server has come. */
    private static final int STATUS_LINE = 7;

    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("listen_addresses", "127.0.0.1"),
            Map.entry("unix_socket_directories", ""),
            Map.entry("fsync", "on"),
            Map.entry("synchronous_commit", "on"),
            Map.entry("wal_level", "logical"),
            Map.entry("max_wal_senders", "10"),
            Map.entry("max_replication_slots", "10"),
            Map.entry("max_connections", "60"),
            Map.entry("shared_buffers", sharedBuffers() + "MB"),
            Map.entry("max_wal_size", "1GB"),
            Map.entry("password_encryption", "scram-sha-256"),
            // Values of rows are no business of a log file.
            Map.entry("log_error_verbosity", "terse"),
            Map.entry("log_min_error_statement", "panic"));

    /** Megabytes: a sixteenth of the machine, within what a small one has and a large one needs. */
    private static long sharedBuffers() {
        var machine = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return Math.max(128, Math.min(1024, machine.getTotalMemorySize() / (16 << 20)));
    }

    private final Path folder;
    private final Path data;
    private final Map<String, String> settings;
    private final String password;
    private ServerLog log;
    private int port;
    private @Nullable Process server;

    private EmbeddedDatabase(Path folder, Map<String, String> settings) {
        this.folder = folder.toAbsolutePath().normalize();
        this.data = this.folder.resolve("pgdata");
        this.settings = new TreeMap<>(SETTINGS);
        this.settings.putAll(settings);
        this.password = password(this.folder);
        this.log = ServerLog.fromNow(this.folder.resolve("server.log"));
    }

    /** Starts the server of {@code folder}; creates it the first time. */
    public static EmbeddedDatabase start(Path folder) {
        return start(folder, Map.of());
    }

    /**
     * Starts the server of {@code folder}.
     *
     * @param settings PostgreSQL settings that differ from ours
     */
    public static EmbeddedDatabase start(Path folder, Map<String, String> settings) {
        EmbeddedDatabase database = new EmbeddedDatabase(folder, settings);
        database.start();
        return database;
    }

    /**
     * Starts it again after {@link #stop} or {@link #kill}: on the same port, or on another one where somebody else
     * listens on it by now.
     */
    public synchronized void start() {
        if (server != null && server.isAlive()) {
            return;
        }
        claimFolder();
        Path programs = ServerFiles.postgres();
        if (!Files.exists(data.resolve("PG_VERSION"))) {
            initialise(programs);
        }
        SimulatorException last = new SimulatorException("PostgreSQL was not tried");
        // Another process may take the port between our look and the server's; children of a killed server may need a
        // moment to let go of its shared memory.
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                launch(programs, port != 0 && FreePorts.isFree(port) ? port : FreePorts.find());
                return;
            } catch (SimulatorException e) {
                last = e;
            }
        }
        throw last;
    }

    /** Stops the server that a killed process left running in {@code folder}, if there is one. */
    public static void stopLeftOver(Path folder) {
        if (Files.exists(folder.resolve("pgdata"))) {
            new EmbeddedDatabase(folder, Map.of()).stopLeftOver();
        }
    }

    /** Stops it as a shutdown does: connections are cut, everything is on disk. */
    public synchronized void stop() {
        Process running = server;
        server = null;
        if (running != null && running.isAlive()) {
            stopFast(running.toHandle());
        }
        deleteQuietly(folder.resolve("owner"));
    }

    /** Ends it with {@code kill -9}, as a power cut would. */
    public synchronized void kill() {
        Process running = server;
        if (running != null) {
            running.destroyForcibly();
            ProcessMark.awaitEnd(running.toHandle(), STOP);
        }
    }

    @Override
    public void close() {
        stop();
    }

    @Override
    public synchronized boolean isRunning() {
        return server != null && server.isAlive();
    }

    public synchronized int port() {
        return port;
    }

    /** The server's process. */
    public synchronized long pid() {
        if (server == null) {
            throw new SimulatorException("The database of " + folder + " is stopped");
        }
        return server.pid();
    }

    public String password() {
        return password;
    }

    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database;
    }

    /** Connects as superuser. */
    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), SUPERUSER, password);
    }

    /** Creates the database unless it is there; the superuser owns it. */
    public void createDatabase(String name) {
        createDatabase(name, SUPERUSER);
    }

    /** Creates the database unless it is there. */
    public void createDatabase(String name, String owner) {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            try (var rows = statement.executeQuery("select from pg_database where datname = '" + literal(name) + "'")) {
                if (rows.next()) {
                    return;
                }
            }
            statement.execute("create database " + quoted(name) + " owner " + quoted(owner));
        } catch (SQLException e) {
            throw new SimulatorException("Cannot create database " + name, e);
        }
    }

    /** Creates the login with its password, or gives it this password; {@code attributes} as in CREATE ROLE. */
    public void createLogin(String name, String loginPassword, String attributes) {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            String role = quoted(name);
            boolean there;
            try (var rows = statement.executeQuery("select from pg_roles where rolname = '" + literal(name) + "'")) {
                there = rows.next();
            }
            statement.execute((there ? "alter role " : "create role ") + role + " login " + attributes + " password '"
                    + literal(loginPassword) + "'");
        } catch (SQLException e) {
            throw new SimulatorException("Cannot create login " + name, e);
        }
    }

    private static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    private static String literal(String text) {
        return text.replace("'", "''");
    }

    /** A password that is kept in {@code folder}, readable by its owner only; made the first time. */
    static String password(Path folder) {
        return secret(folder, "password");
    }

    /** A secret of that name that is kept in {@code folder}, readable by its owner only; made the first time. */
    public static String secret(Path folder, String name) {
        Path file = folder.resolve(name);
        try {
            Files.createDirectories(folder);
            try {
                String kept = Files.readString(file, StandardCharsets.UTF_8).strip();
                if (!kept.isEmpty()) {
                    return kept;
                }
            } catch (NoSuchFileException e) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            byte[] random = new byte[18];
            new SecureRandom().nextBytes(random);
            String made = HexFormat.of().formatHex(random);
            Files.writeString(file, made, StandardCharsets.UTF_8);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot keep a secret in " + folder, e);
        }
    }

    private void claimFolder() {
        Path owner = folder.resolve("owner");
        ProcessMark.read(owner).ifPresent(mark -> {
            if (!mark.isThisProcess() && mark.findAlive().isPresent()) {
                throw new SimulatorException("The database folder " + folder + " is in use by process " + mark.pid());
            }
        });
        stopLeftOver();
        ProcessMark.ofThisProcess().write(owner);
    }

    /** Stops the server that postmaster.pid names, but only if it works in this very folder. */
    private void stopLeftOver() {
        Path pidFile = data.resolve("postmaster.pid");
        long pid;
        try {
            List<String> lines = Files.readAllLines(pidFile, StandardCharsets.UTF_8);
            pid = lines.isEmpty() ? 0 : Long.parseLong(lines.get(0).strip());
        } catch (NoSuchFileException e) {
            return;
        } catch (NumberFormatException e) {
            pid = 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ProcessHandle process = pid <= 0
                ? null
                : ProcessHandle.of(pid).filter(ProcessHandle::isAlive).orElse(null);
        if (process != null && worksHere(pid)) {
            stopFast(process);
        } else {
            // The number belongs to nobody or to somebody else by now; PostgreSQL would refuse to start over it.
            deleteQuietly(pidFile);
        }
    }

    /** A PostgreSQL server's working directory is its data folder. */
    private boolean worksHere(long pid) {
        try {
            Path cwd = Path.of("/proc", Long.toString(pid), "cwd").toRealPath();
            return Files.exists(data) && cwd.equals(data.toRealPath());
        } catch (IOException e) {
            return false;
        }
    }

    /** SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client. */
    private static void stopFast(ProcessHandle process) {
        signal("INT", process.pid());
        if (!ProcessMark.awaitEnd(process, STOP)) {
            // Immediate shutdown: the next start recovers from the log.
            signal("QUIT", process.pid());
            if (!ProcessMark.awaitEnd(process, Duration.ofSeconds(10))) {
                process.destroyForcibly();
            }
        }
    }

    private static void signal(String name, long pid) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            kill.waitFor(5, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run kill", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void initialise(Path programs) {
        // A run that was killed in the middle of it left half a folder, which initdb refuses.
        ServerFiles.deleteFolder(data);
        List<String> command = command(programs, "initdb");
        command.addAll(List.of(
                "--pgdata=" + data,
                "--username=" + SUPERUSER,
                "--pwfile=" + folder.resolve("password"),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8"));
        ServerLog log = ServerLog.fromNow(folder.resolve("initdb.log"));
        try {
            Process initdb = process(command, log.file());
            if (!initdb.waitFor(START.toSeconds(), TimeUnit.SECONDS) || initdb.exitValue() != 0) {
                initdb.destroyForcibly();
                throw new SimulatorException("initdb failed in " + folder + ". " + log.lastWords());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run initdb", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SimulatorException("Interrupted while initdb ran", e);
        }
    }

    private void launch(Path programs, int onPort) {
        log = ServerLog.fromNow(log.file());
        List<String> command = command(programs, "postgres");
        command.add("-D");
        command.add(data.toString());
        settings.forEach((name, value) -> {
            command.add("-c");
            command.add(name + "=" + value);
        });
        command.add("-c");
        command.add("port=" + onPort);
        Process process;
        try {
            process = process(command, log.file());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run postgres", e);
        }
        long deadline = System.nanoTime() + START.toNanos();
        boolean ready = false;
        while (!ready && System.nanoTime() < deadline) {
            // Not by asking at the port: who answers there may be somebody else.
            ready = saysReady(process.pid());
            if (!ready && ProcessMark.awaitEnd(process.toHandle(), Duration.ofMillis(40))) {
                break;
            }
        }
        @Nullable SQLException refused = null;
        if (ready) {
            try (Connection connection = DriverManager.getConnection(
                    "jdbc:postgresql://127.0.0.1:" + onPort + "/postgres" + LOOK, SUPERUSER, password)) {
                if (connection.isValid(10)) {
                    server = process;
                    port = onPort;
                    return;
                }
            } catch (SQLException e) {
                refused = e;
            }
        }
        process.destroyForcibly();
        ProcessMark.awaitEnd(process.toHandle(), STOP);
        throw new SimulatorException(
                "PostgreSQL did not start in " + folder + (refused == null ? "" : ": " + refused.getMessage()) + ". "
                        + log.lastWords(),
                refused);
    }

    /** Whether the server of this process listens and lets clients in, by its own word. */
    private boolean saysReady(long pid) {
        try {
            List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"), StandardCharsets.UTF_8);
            return lines.size() > STATUS_LINE
                    && lines.get(0).strip().equals(Long.toString(pid))
                    && lines.get(STATUS_LINE).strip().equals("ready");
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> command(Path programs, String program) {
        List<String> command = new ArrayList<>(ServerFiles.apart());
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("unshare", "-U"));
        }
        command.add(programs.resolve("bin").resolve(program).toString());
        return command;
    }

    private Process process(List<String> command, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("TZ", "UTC");
        builder.environment().put("LC_ALL", "C.UTF-8");
        return builder.start();
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + file, e);
        }
    }

    @Override
    public synchronized String lastWords() {
        return log.lastWords();
    }

    @Override
    public String toString() {
        return "PostgreSQL in " + folder + " on port " + port();
    }
}
