package io.yimen.simulators;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A MariaDB server of one's own in a folder: 127.0.0.1, a free port, a password, row-based binary log, and as durable as
 * a real one. The folder is kept when it stops; the next start goes on with it. A server that a killed process left
 * running in the folder is stopped first.
 *
 * <p>Thread-safe. Runs as an ordinary user and as root.
 */
public final class EmbeddedMariaDb implements EmbeddedServer {
    /** The administrator's name. */
    public static final String ADMIN = "yimen_admin";

    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final int ATTEMPTS = 5;
    private static final String READY = "ready for connections";

    /** Relative to the data folder: the path of a socket must be short. */
    private static final String SOCKET = "m.sock";

    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("bind-address", "127.0.0.1"),
            Map.entry("socket", SOCKET),
            Map.entry("pid-file", "mariadb.pid"),
            Map.entry("skip-name-resolve", "1"),
            Map.entry("ssl", "0"),
            Map.entry("performance-schema", "0"),
            Map.entry("local-infile", "0"),
            Map.entry("lc-messages", "en_US"),
            Map.entry("character-set-server", "utf8mb4"),
            Map.entry("default-time-zone", "+08:00"),
            Map.entry("max-connections", "40"),
            Map.entry("table-open-cache", "200"),
            Map.entry("innodb-buffer-pool-size", "64M"),
            Map.entry("innodb-log-file-size", "32M"),
            Map.entry("innodb-flush-log-at-trx-commit", "1"),
            Map.entry("sync-binlog", "1"),
            Map.entry("log-bin", "binlog"),
            Map.entry("binlog-format", "ROW"),
            Map.entry("binlog-row-image", "FULL"),
            Map.entry("server-id", "1"));

    private final Path folder;
    private final Path data;
    private final Map<String, String> settings;
    private final String password;
    private ServerLog log;
    private int port;
    private @Nullable Process server;

    private EmbeddedMariaDb(Path folder, Map<String, String> settings) {
        this.folder = folder.toAbsolutePath().normalize();
        this.data = this.folder.resolve("data");
        this.settings = new TreeMap<>(SETTINGS);
        this.settings.putAll(settings);
        this.password = EmbeddedDatabase.password(this.folder);
        this.log = ServerLog.fromNow(this.folder.resolve("server.log"));
    }

    /** Whether there are programs for this system; if not, {@link #start} says what can be done. */
    public static boolean isAvailable() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux")
                && List.of("amd64", "x86_64").contains(System.getProperty("os.arch", ""));
    }

    /** Starts the server of {@code folder}; creates it the first time. */
    public static EmbeddedMariaDb start(Path folder) {
        return start(folder, Map.of());
    }

    /**
     * Starts the server of {@code folder}.
     *
     * @param settings options of the server that differ from ours, without the leading dashes
     */
    public static EmbeddedMariaDb start(Path folder, Map<String, String> settings) {
        if (!isAvailable()) {
            throw new SimulatorException("There are no programs of MariaDB for "
                    + System.getProperty("os.name") + " on " + System.getProperty("os.arch")
                    + ": use Linux on x86-64, or go without the system that needs it");
        }
        EmbeddedMariaDb database = new EmbeddedMariaDb(folder, settings);
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
        Path programs = ServerFiles.mariaDb();
        if (!Files.exists(folder.resolve("initialised"))) {
            initialise(programs);
        }
        SimulatorException last = new SimulatorException("MariaDB was not tried");
        // Another process may take the port between our look and the server's.
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int wanted = port != 0 && FreePorts.isFree(port) ? port : FreePorts.find();
            try {
                launch(programs, wanted);
                return;
            } catch (SimulatorException e) {
                last = e;
                if (FreePorts.isFree(wanted)) {
                    break;
                }
            }
        }
        throw last;
    }

    /** Stops the server that a killed process left running in {@code folder}, if there is one. */
    public static void stopLeftOver(Path folder) {
        if (Files.exists(folder.resolve("data"))) {
            new EmbeddedMariaDb(folder, Map.of()).stopLeftOver();
        }
    }

    /** Stops it as a shutdown does: connections are cut, everything is on disk. */
    public synchronized void stop() {
        Process running = server;
        server = null;
        if (running != null) {
            ProcessMark.end(running.toHandle(), STOP);
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
        return "jdbc:mariadb://127.0.0.1:" + port() + "/" + database;
    }

    /** Connects as administrator; an empty name for no database. */
    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), ADMIN, password);
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

    /** Stops the server that its pid file names, but only if it works in this very folder. */
    private void stopLeftOver() {
        Path pidFile = data.resolve("mariadb.pid");
        try {
            long pid = Long.parseLong(
                    Files.readString(pidFile, StandardCharsets.UTF_8).strip());
            ProcessHandle.of(pid)
                    .filter(ProcessHandle::isAlive)
                    .filter(process -> worksHere(pid))
                    .ifPresent(process -> ProcessMark.end(process, STOP));
        } catch (NoSuchFileException | NumberFormatException e) {
            // It was stopped in order, or killed while it wrote.
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        deleteQuietly(pidFile);
    }

    /** A MariaDB server's working directory is its data folder. */
    private boolean worksHere(long pid) {
        try {
            Path cwd = Path.of("/proc", Long.toString(pid), "cwd").toRealPath();
            return Files.exists(data) && cwd.equals(data.toRealPath());
        } catch (IOException e) {
            return false;
        }
    }

    private void initialise(Path programs) {
        // A run that was killed in the middle of it left half a folder.
        ServerFiles.deleteFolder(data);
        ServerLog initial = ServerLog.fromNow(folder.resolve("initialise.log"));
        try {
            Files.createDirectories(data);
            List<String> command = command(programs);
            command.addAll(List.of("--bootstrap", "--skip-log-bin", "--ssl=0", "--innodb-log-file-size=32M"));
            command.addAll(List.of("--log-warnings=0", "--enforce-storage-engine=", "--max-allowed-packet=8M"));
            Process bootstrap = process(command, initial.file(), ProcessBuilder.Redirect.PIPE);
            try (OutputStream in = bootstrap.getOutputStream()) {
                in.write("create database if not exists mysql;\nuse mysql;\n".getBytes(StandardCharsets.UTF_8));
                for (String file : List.of("mariadb_system_tables.sql", "mariadb_performance_tables.sql")) {
                    Files.copy(programs.resolve("share").resolve(file), in);
                }
            }
            if (!bootstrap.waitFor(START.toSeconds(), TimeUnit.SECONDS) || bootstrap.exitValue() != 0) {
                bootstrap.destroyForcibly();
                throw new SimulatorException("MariaDB made no database in " + folder + ". " + initial.lastWords());
            }
            Files.writeString(folder.resolve("initialised"), "11.4\n");
        } catch (IOException e) {
            throw new SimulatorException(
                    "MariaDB made no database in " + folder + ": " + e.getMessage() + ". " + initial.lastWords(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SimulatorException("Interrupted while MariaDB made its database", e);
        }
    }

    /** What the server does before it lets anybody in: the administrator's account, as it is to be. */
    private Path accounts() throws IOException {
        Path file = folder.resolve("accounts.sql");
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, """
                set sql_log_bin = 0;
                create or replace user %1$s@'127.0.0.1' identified by '%2$s';
                grant all privileges on *.* to %1$s@'127.0.0.1' with grant option;
                """.formatted(ADMIN, password), StandardOpenOption.WRITE);
        return file;
    }

    private void launch(Path programs, int onPort) {
        log = ServerLog.fromNow(log.file());
        Process process;
        try {
            List<String> command = command(programs);
            settings.forEach((name, value) -> command.add("--" + name + "=" + value));
            command.add("--init-file=" + accounts());
            command.add("--port=" + onPort);
            process = process(command, log.file(), ProcessBuilder.Redirect.from(new File("/dev/null")));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run MariaDB", e);
        }
        long deadline = System.nanoTime() + START.toNanos();
        boolean ready = false;
        while (!ready && System.nanoTime() < deadline) {
            // Not by asking at the port: who answers there may be somebody else.
            ready = log.lines().stream().anyMatch(line -> line.contains(READY));
            if (!ready && ProcessMark.awaitEnd(process.toHandle(), Duration.ofMillis(40))) {
                break;
            }
        }
        @Nullable SQLException refused = null;
        if (ready) {
            try (Connection connection = DriverManager.getConnection(
                    "jdbc:mariadb://127.0.0.1:" + onPort + "/?connectTimeout=10000&socketTimeout=10000",
                    ADMIN,
                    password)) {
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
                "MariaDB did not start in " + folder + (refused == null ? "" : ": " + refused.getMessage()) + ". "
                        + log.lastWords(),
                refused);
    }

    private List<String> command(Path programs) {
        List<String> command = new ArrayList<>(ServerFiles.apart());
        command.addAll(List.of(
                programs.resolve("bin/mariadbd").toString(),
                "--no-defaults",
                "--basedir=" + programs,
                "--datadir=" + data,
                "--lc-messages-dir=" + programs.resolve("share"),
                "--tmpdir=" + data));
        if (System.getProperty("user.name").equals("root")) {
            command.add("--user=root");
        }
        return command;
    }

    private Process process(List<String> command, Path output, ProcessBuilder.Redirect input) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(input)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("MYSQL") || name.startsWith("MARIADB"));
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
        return "MariaDB in " + folder + " on port " + port();
    }
}
