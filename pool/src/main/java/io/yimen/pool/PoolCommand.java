package io.yimen.pool;

import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The pool's own command: {@code rebuild --verify} and {@code hash}. The password comes from the environment, {@code
 * YIMEN_POOL_PASSWORD}. Exit codes: 0 all is well, 1 the pool is not what its claims say or cannot be read, 2 the
 * command was not understood.
 */
public final class PoolCommand {
    private static final String USAGE = """
            usage: rebuild --verify --jdbc-url URL --user USER --vault-key FILE
                   hash             --jdbc-url URL --user USER --vault-key FILE
            The password is read from the environment: YIMEN_POOL_PASSWORD.
            """;
    private static final Set<String> OPTIONS = Set.of("--jdbc-url", "--user", "--vault-key");
    private static final int SHOWN = 20;

    private final PrintStream out;
    private final PrintStream err;

    public PoolCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] args) {
        System.exit(new PoolCommand(System.out, System.err).run(List.of(args), System.getenv("YIMEN_POOL_PASSWORD")));
    }

    /** Runs it with the given words; returns the exit code. */
    public int run(List<String> args, @Nullable String password) {
        Map<String, String> options = new HashMap<>();
        boolean verify = false;
        for (int i = 1; i < args.size(); i++) {
            String arg = args.get(i);
            if (arg.equals("--verify")) {
                verify = true;
            } else if (OPTIONS.contains(arg) && i + 1 < args.size()) {
                options.put(arg, args.get(++i));
            } else {
                return misunderstood("Unknown or incomplete: " + arg);
            }
        }
        String command = args.isEmpty() ? "" : args.get(0);
        if (!command.equals("hash") && !(command.equals("rebuild") && verify)) {
            return misunderstood("Say rebuild --verify or hash");
        }
        if (!options.keySet().equals(OPTIONS)) {
            return misunderstood("Missing: one of " + OPTIONS);
        }
        try {
            PGSimpleDataSource database = new PGSimpleDataSource();
            database.setUrl(options.get("--jdbc-url"));
            database.setUser(options.get("--user"));
            database.setPassword(password == null ? "" : password);
            Vault vault = Vault.load(Path.of(options.getOrDefault("--vault-key", "")));
            Rebuild rebuild = new Rebuild(database, PoolModel.standard(), vault);
            return command.equals("hash") ? hash(rebuild) : verify(rebuild);
        } catch (PoolException e) {
            err.println(e.getMessage());
            return 1;
        }
    }

    private int hash(Rebuild rebuild) {
        out.println(rebuild.hash());
        return 0;
    }

    private int verify(Rebuild rebuild) {
        Rebuild.Report report = rebuild.verify();
        out.println("source records  " + report.records());
        out.println("entities        " + report.entities());
        out.println("published hash  " + report.published());
        out.println("derived hash    " + report.derived());
        report.differences().stream().limit(SHOWN).forEach(out::println);
        if (report.differences().size() > SHOWN) {
            out.println("… and " + (report.differences().size() - SHOWN) + " more");
        }
        out.println(report.agrees() ? "The pool is what its claims say." : "The pool is NOT what its claims say.");
        return report.agrees() ? 0 : 1;
    }

    private int misunderstood(String why) {
        err.println(why);
        err.print(USAGE);
        return 2;
    }
}
