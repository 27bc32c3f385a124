package io.yimen.bench.get;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.bench.Folders;
import io.yimen.bench.Town;
import io.yimen.bench.copy.Child;
import io.yimen.bench.copy.Figures;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.simulators.EmbeddedDatabase;
import io.yimen.simulators.FreePorts;
import io.yimen.simulators.HubProgram;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * {@code bench get}: {@code GET} of a random record of the packaged hub, with a session's token, beside {@code pgbench
 * -S} on the same PostgreSQL, in turn (A B B A). Once by somebody who sees everything and once by an officer of a street,
 * whom row-level security limits; every read of a person leaves its audit line.
 */
public final class GetBench {
    private static final String USER = "yimen";
    private static final String POOL = "pool";
    private static final String PASSWORD = "bench-bench-bench";
    private static final int CONNECTIONS = 4;
    private static final Duration START = Duration.ofSeconds(90);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Name in the result → login. */
    private static final Map<String, String> ASKERS =
            new TreeMap<>(Map.of(Figures.OURS, "dongcheng", Figures.OURS + ", who sees everything", "admin"));

    private static final String USAGE = """
            usage: bench get [--records N] [--rounds N] [--seconds N] [--json] [--hub-options "OPTION …"]
            20,000 people, 3 rounds, slices of 5 s, unless told""";

    private final Path home;
    private final Options options;
    private final PrintStream progress;
    private final Figures figures = new Figures();

    /** @param seconds of a slice, in which one asks and the others rest */
    private record Options(int records, int rounds, int seconds, boolean json, List<String> hub) {
        static Options of(List<String> words) {
            int records = 20_000;
            int rounds = 3;
            int seconds = 5;
            boolean json = false;
            List<String> hub = HubProgram.options();
            for (int i = 0; i < words.size(); i++) {
                switch (words.get(i)) {
                    case "--json" -> json = true;
                    case "--records" -> records = number(words, ++i, 100, 1_000_000);
                    case "--rounds" -> rounds = number(words, ++i, 1, 100);
                    case "--seconds" -> seconds = number(words, ++i, 1, 600);
                    case "--hub-options" -> hub = List.of(word(words, ++i).split(" ", -1));
                    default -> throw new IllegalArgumentException("unknown option " + words.get(i));
                }
            }
            return new Options(records, rounds, seconds, json, hub);
        }

        private static String word(List<String> words, int at) {
            if (at == words.size()) {
                throw new IllegalArgumentException(words.get(at - 1) + " is followed by nothing");
            }
            return words.get(at);
        }

        private static int number(List<String> words, int at, int least, int most) {
            String text = word(words, at);
            if (!text.matches("[0-9]{1,7}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
                throw new IllegalArgumentException(text + " is no number from " + least + " to " + most);
            }
            return Integer.parseInt(text);
        }
    }

    private GetBench(Path home, Options options, PrintStream progress) {
        this.home = home;
        this.options = options;
        this.progress = progress;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Options options;
        try {
            options = Options.of(List.of(args).subList(1, args.length));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
            return;
        }
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        var progress = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        try {
            GetBench bench = new GetBench(Path.of(System.getProperty("yimen.home", ".")), options, progress);
            bench.run();
            out.println(options.json ? bench.figures.json(options.rounds) : bench.figures.text());
        } catch (SQLException | IllegalStateException e) {
            progress.println("The bench failed: " + e.getMessage());
            System.exit(1);
        }
    }

    private void run() throws IOException, InterruptedException, SQLException {
        Path folder = Files.createTempDirectory("yimen-bench");
        try (EmbeddedDatabase server =
                EmbeddedDatabase.start(folder.resolve("database"), Map.of("shared_buffers", "512MB"))) {
            Runtime.getRuntime().addShutdownHook(new Thread(server::close));
            server.createLogin(USER, server.password(), "createrole");
            server.createDatabase(POOL, USER);
            Vault vault = Vault.loadOrCreate(folder.resolve("vault.key"));
            long[] ids = fill(server, vault);
            RowLookups rows = RowLookups.prepare(server);
            Child hub = new Child(folder.resolve("hub"));
            try {
                int port = launch(folder, server, hub);
                measure(server, hub, port, ids, rows);
            } catch (IOException | RuntimeException e) {
                throw new IllegalStateException(e.getMessage() + ". " + hub.lastWords(), e);
            } finally {
                hub.stop();
            }
        } finally {
            Folders.delete(folder);
        }
    }

    /** Fills the pool and returns the ids of the people in it. */
    private long[] fill(EmbeddedDatabase server, Vault vault) throws SQLException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(server.jdbcUrl(POOL));
        source.setUser(USER);
        source.setPassword(server.password());
        try (PostgresPool pool = new PostgresPool(source, PoolModel.standard(), vault, Clock.systemUTC())) {
            pool.declare(new SourceInfo("bench", "登记", "Register", "bench"), List.of(Town.PLACES, Town.PERSONS));
            long run = pool.openRun("bench", "bench", "bench", OptionalLong.empty());
            Town town = new Town(new Random(5));
            pool.apply(new Batch(run, "bench", null, town.places(), List.of(), List.of()));
            for (int at = 0; at < options.records; at += 1_000) {
                List<ChangeEvent> people = new ArrayList<>();
                for (int i = at; i < Math.min(options.records, at + 1_000); i++) {
                    people.add(town.person(i));
                }
                pool.apply(new Batch(run, "bench", null, people, List.of(), List.of()));
            }
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("vacuum analyze");
                List<Long> ids = new ArrayList<>();
                try (ResultSet row = statement.executeQuery(
                        "select id from pool.entity where entity_type = 'Person' and status = 'ACTIVE'")) {
                    while (row.next()) {
                        ids.add(row.getLong(1));
                    }
                }
                return ids.stream().mapToLong(Long::longValue).toArray();
            }
        }
    }

    private int launch(Path folder, EmbeddedDatabase server, Child hub) throws IOException {
        int port = FreePorts.find();
        Map<String, String> keys = new TreeMap<>();
        keys.put("yimen.pool.jdbc-url", server.jdbcUrl(POOL));
        keys.put("yimen.pool.username", USER);
        keys.put("yimen.pool.password", server.password());
        keys.put("yimen.vault.key-file", folder.resolve("vault.key").toString());
        keys.put("yimen.connectors.catalog", home.resolve("bench/connectors").toString());
        keys.put("yimen.connectors.enabled", "none");
        keys.put("yimen.demo.accounts", "true");
        keys.put("yimen.demo.password", PASSWORD);
        keys.put("quarkus.http.port", Integer.toString(port));
        keys.put("quarkus.management.port", Integer.toString(FreePorts.find()));
        StringBuilder yaml = new StringBuilder();
        keys.forEach(
                (key, value) -> yaml.append(key).append(": \"").append(value).append("\"\n"));
        Path own = Files.createDirectories(folder.resolve("hub"));
        Path file = Files.createFile(
                own.resolve("yimen.yaml"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, yaml, StandardCharsets.UTF_8);
        hub.launch(new HubProgram(home).arguments(options.hub));
        return port;
    }

    private void measure(EmbeddedDatabase server, Child hub, int port, long[] ids, RowLookups rows)
            throws IOException, InterruptedException {
        Map<String, String> tokens = new TreeMap<>();
        for (Map.Entry<String, String> asker : ASKERS.entrySet()) {
            tokens.put(asker.getKey(), signIn(port, asker.getValue()));
        }
        for (Map.Entry<String, String> asker : tokens.entrySet()) {
            // Until what one request needs is compiled.
            ask(port, asker.getValue(), ids, 2 * options.seconds);
        }
        rows.run(1);
        for (int round = 0; round < options.rounds; round++) {
            for (boolean first : new boolean[] {true, false}) {
                for (boolean get : new boolean[] {first, !first}) {
                    if (get) {
                        for (Map.Entry<String, String> asker : tokens.entrySet()) {
                            Slice from = Slice.now(hub.pid(), server.pid());
                            long asked = ask(port, asker.getValue(), ids, options.seconds);
                            Slice to = Slice.now(hub.pid(), server.pid());
                            figures.add("get", ids.length, asker.getKey(), to.since(from, asked));
                        }
                    } else {
                        Slice from = Slice.now(hub.pid(), server.pid());
                        long asked = rows.run(options.seconds);
                        Slice to = Slice.now(hub.pid(), server.pid());
                        figures.add("get", ids.length, rows.name(), to.since(from, asked));
                    }
                }
            }
            progress.println("round " + (round + 1) + " of " + options.rounds);
        }
    }

    private static String signIn(int port, String login) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/session"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"login\":\"" + login + "\",\"password\":\"" + PASSWORD + "\"}"))
                .build();
        long until = System.nanoTime() + START.toNanos();
        String last = "nothing answers";
        while (System.nanoTime() < until) {
            try {
                HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() == 200) {
                    JsonNode session = JSON.readTree(response.body());
                    return session.get("token").asText();
                }
                last = "it answers " + response.statusCode();
            } catch (java.net.ConnectException e) {
                last = "nobody listens";
            }
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
        throw new IllegalStateException("The hub lets nobody sign in: " + last);
    }

    private static long ask(int port, String token, long[] ids, int seconds) {
        long until = System.nanoTime() + seconds * 1_000_000_000L;
        AtomicLong asked = new AtomicLong();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            long seed = System.nanoTime() + i;
            clients.add(CompletableFuture.runAsync(
                    () -> {
                        try (HttpAsking asking = new HttpAsking(port, "/api/v1/ledgers/persons/", token, ids, seed)) {
                            while (System.nanoTime() < until) {
                                asking.ask();
                                asked.incrementAndGet();
                            }
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    },
                    task -> new Thread(task, "http-client").start()));
        }
        clients.forEach(CompletableFuture::join);
        return asked.get();
    }
}
