package io.yimen.hub.access;

import io.yimen.hub.StartRefused;
import io.yimen.hub.config.HubConfig;
import io.yimen.pool.account.Account;
import io.yimen.pool.account.Accounts;
import io.yimen.pool.account.Role;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/** The accounts that a start may create: the first administrator, and those for trying Yimen out. */
@Singleton
public final class FirstAccounts {
    private static final Logger LOG = Logger.getLogger(FirstAccounts.class);
    private static final int SHORTEST = 12;
    private static final List<Account> DEMO = List.of(
            new Account("admin", "系统管理员", Set.of(Role.ADMIN), List.of(Account.EVERYTHING)),
            new Account("chaoyang", "朝阳区民政局", Set.of(Role.OFFICER), List.of("place-code:2023|110105000000")),
            new Account("dongcheng", "东华门街道", Set.of(Role.OFFICER), List.of("place-code:2023|110101001000")),
            new Account("duofuxiang", "多福巷社区", Set.of(Role.WORKER), List.of("place-code:2023|110101001001")),
            new Account("xuanju", "换届选举系统管理方", Set.of(Role.WORKER), List.of("source:election")));

    private final HubConfig config;
    private final Accounts accounts;

    FirstAccounts(HubConfig config, Accounts accounts) {
        this.config = config;
        this.accounts = accounts;
    }

    /** Creates what the configuration asks for and is not there. */
    public void create() {
        config.admin().passwordFile().ifPresent(this::createAdmin);
        if (config.demo().accounts()) {
            String password = config.demo().password().orElseThrow();
            // Those of an earlier start are left as they are: hashing a password takes its time.
            DEMO.stream()
                    .filter(account -> accounts.find(account.login()).isEmpty())
                    .forEach(account -> accounts.put("start", account, password));
            LOG.warn("The demo's accounts are there: never expose this hub");
        } else if (accounts.find(config.admin().login()).isEmpty()) {
            LOG.warn("There is no administrator: set yimen.admin.password-file and start again");
        }
    }

    private void createAdmin(Path file) {
        String login = config.admin().login();
        if (accounts.find(login).isPresent()) {
            return;
        }
        accounts.put("start", new Account(login, "系统管理员", Set.of(Role.ADMIN), List.of(Account.EVERYTHING)), read(file));
        LOG.infof("Administrator %s created", login);
    }

    private static String read(Path file) {
        try {
            String password =
                    Files.readAllLines(file).stream().findFirst().orElse("").strip();
            if (password.length() < SHORTEST) {
                throw new StartRefused(
                        "yimen.admin.password-file: the password has fewer than " + SHORTEST + " characters");
            }
            return password;
        } catch (IOException e) {
            throw new StartRefused("yimen.admin.password-file cannot be read as text in UTF-8");
        }
    }
}
