package io.yimen.hub.command;

import io.yimen.pool.PoolException;
import io.yimen.pool.account.Account;
import io.yimen.pool.account.Accounts;
import io.yimen.pool.account.Role;
import io.yimen.pool.audit.Audit;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * {@code account put|list|remove}: who may sign in. Works on the pool's database, so whoever may read the hub's
 * configuration may do this. Exit codes: 0 done, 1 it cannot be done, 2 the command was not understood.
 */
final class AccountCommand {
    private static final String USAGE = """
            usage: account put LOGIN --name NAME --role worker|officer|admin
                               (--place EDITION:CODE … | --everything)    create or replace; asks for the password
                   account list
                   account remove LOGIN
            A place is named by its division code and the year of the code's edition, e.g. 2023:110101001001; it opens
            all that lies below it.""";
    private static final String PLACE = "\\d{4}:\\d{12}";

    private final Accounts accounts;
    private final Supplier<String> password;
    private final PrintStream out;
    private final PrintStream err;

    AccountCommand(Accounts accounts, Supplier<String> password, PrintStream out, PrintStream err) {
        this.accounts = accounts;
        this.password = password;
        this.out = out;
        this.err = err;
    }

    /** On the pool that the settings name. */
    static AccountCommand of(UnaryOperator<String> settings, PrintStream out, PrintStream err) {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(settings.apply("yimen.pool.jdbc-url"));
        database.setUser(settings.apply("yimen.pool.username"));
        database.setPassword(settings.apply("yimen.pool.password"));
        Clock clock = Clock.systemUTC();
        Accounts accounts =
                new Accounts(database, new Audit(database, clock), clock, new SecureRandom(), Duration.ofHours(1));
        return new AccountCommand(accounts, () -> ask(err), out, err);
    }

    int run(List<String> args) {
        try {
            return switch (args.isEmpty() ? "" : args.get(0)) {
                case "put" -> put(args.subList(1, args.size()));
                case "list" -> args.size() == 1 ? list() : misunderstood();
                case "remove" -> args.size() == 2 ? remove(args.get(1)) : misunderstood();
                default -> misunderstood();
            };
        } catch (PoolException | IllegalArgumentException e) {
            err.println("yimen: " + e.getMessage());
            return 1;
        }
    }

    private int put(List<String> args) {
        String login = null;
        String name = null;
        Set<Role> roles = EnumSet.noneOf(Role.class);
        List<String> scope = new ArrayList<>();
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            String value = i + 1 < args.size() ? args.get(i + 1) : "";
            switch (arg) {
                case "--everything" -> {
                    scope.add(Account.EVERYTHING);
                    continue;
                }
                case "--name" -> name = value;
                case "--role" -> {
                    Role role = role(value);
                    if (role == null) {
                        return misunderstood();
                    }
                    roles.add(role);
                }
                case "--place" -> {
                    if (!value.matches(PLACE)) {
                        return misunderstood();
                    }
                    scope.add("place-code:" + value.replace(':', '|'));
                }
                default -> {
                    if (login != null || arg.startsWith("-")) {
                        return misunderstood();
                    }
                    login = arg;
                    continue;
                }
            }
            i++;
        }
        if (login == null || name == null || roles.isEmpty() || scope.isEmpty()) {
            return misunderstood();
        }
        accounts.put(actor(), new Account(login, name, roles, scope), password.get());
        out.println(login + " may sign in");
        return 0;
    }

    private int list() {
        for (Account account : accounts.list()) {
            String roles = account.roles().stream().map(Role::wireName).sorted().collect(Collectors.joining(","));
            out.printf(
                    "%-20s %-10s %-16s %s%n",
                    account.login(), roles, account.displayName(), String.join(" ", account.scope()));
        }
        return 0;
    }

    private int remove(String login) {
        if (!accounts.remove(actor(), login)) {
            err.println("yimen: there is no account " + login);
            return 1;
        }
        out.println(login + " may no longer sign in; sessions have ended");
        return 0;
    }

    private int misunderstood() {
        err.println(USAGE);
        return 2;
    }

    private static @Nullable Role role(String name) {
        for (Role role : Role.values()) {
            if (role.wireName().equals(name.toLowerCase(Locale.ROOT))) {
                return role;
            }
        }
        return null;
    }

    /** For the audit: who called the command on this machine. */
    static String actor() {
        return "command:" + System.getProperty("user.name", "?");
    }

    /** From the terminal without echo, or the first line of standard input where there is none. */
    private static String ask(PrintStream err) {
        Console console = System.console();
        if (console != null) {
            char[] typed = console.readPassword("Password: ");
            return typed == null ? "" : new String(typed);
        }
        try {
            String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            return line == null ? "" : line;
        } catch (IOException e) {
            err.println("yimen: the password cannot be read from standard input");
            return "";
        }
    }
}
