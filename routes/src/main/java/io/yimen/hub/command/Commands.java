package io.yimen.hub.command;

import io.yimen.connectors.ConnectorCommand;
import io.yimen.hub.config.ConfigCheck;
import io.yimen.pool.PoolCommand;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/** Chooses the command that the program was called with. */
public final class Commands {
    private Commands() {}

    /**
     * @return the exit code; empty where no command was named and the hub is to be started
     * @throws io.yimen.hub.StartRefused if a command needs the configuration and it is wrong
     */
    public static OptionalInt run(List<String> args) {
        if (args.isEmpty()) {
            return OptionalInt.empty();
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        List<String> rest = args.subList(1, args.size());
        return OptionalInt.of(
                switch (args.get(0)) {
                    case "connector" ->
                        ConnectorAccess.isMeant(rest)
                                ? new ConnectorAccess(ConfigCheck.run(), out, err).run(rest)
                                : new ConnectorCommand(out, err, ConfigCheck::findParameter).run(inCatalog(rest));
                    case "rebuild", "hash" -> pool(args, out, err);
                    case "account" ->
                        AccountCommand.of(ConfigCheck.run(), out, err).run(rest);
                    case "quarantine" -> QuarantineCommand.run(rest, ConfigCheck.run(), out, err);
                    case "rules" -> RulesCommand.run(rest, ConfigCheck.run(), out, err);
                    case "compact" -> CompactCommand.run(rest, ConfigCheck.run(), out, err);
                    case "erasure" -> ErasureCommand.run(rest, ConfigCheck.run(), out, err);
                    case "decisions" -> DecisionsCommand.run(rest, ConfigCheck.run(), out, err);
                    default -> unknown(args.get(0), err);
                });
    }

    private static int pool(List<String> args, PrintStream out, PrintStream err) {
        UnaryOperator<String> settings = ConfigCheck.run();
        List<String> all = new ArrayList<>(args);
        all.addAll(List.of(
                "--jdbc-url", settings.apply("yimen.pool.jdbc-url"),
                "--user", settings.apply("yimen.pool.username"),
                "--vault-key", settings.apply("yimen.vault.key-file")));
        return new PoolCommand(out, err).run(all, settings.apply("yimen.pool.password"));
    }

    /** {@code connector list} alone lists the catalog that comes with the program. */
    private static List<String> inCatalog(List<String> args) {
        String home = System.getProperty("yimen.home", "");
        return args.equals(List.of("list"))
                ? List.of("list", Path.of(home, "connectors", "catalog").toString())
                : args;
    }

    private static int unknown(String command, PrintStream err) {
        err.println("yimen: unknown command " + command + ": connector, rebuild, hash, account, quarantine, rules,"
                + " decisions, compact or erasure; none starts the hub");
        return 2;
    }
}
