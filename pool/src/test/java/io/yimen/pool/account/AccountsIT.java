package io.yimen.pool.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.yimen.pool.PoolException;
import io.yimen.pool.TestClock;
import io.yimen.pool.TestDatabase;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.ledger.Scope;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway") // set up before each test; a null would fail the assertion
class AccountsIT {
    private static DataSource dataSource;

    private final TestClock clock = new TestClock();
    private final Accounts accounts =
            new Accounts(dataSource, new Audit(dataSource, clock), clock, new SecureRandom(), Duration.ofHours(12));

    @BeforeAll
    static void migrate() {
        dataSource = TestDatabase.migrated();
    }

    private static Account worker(String login, String... scope) {
        return new Account(login, "王老师", Set.of(Role.WORKER), List.of(scope));
    }

    @Test
    void signsInAndOut() {
        Account account = worker("in-and-out", "place-code:2023|110101001000");
        accounts.put("admin", account, "correct horse");

        SignIn.Accepted session = signedIn(accounts.signIn(" In-And-Out ", "correct horse"));
        assertThat(session.account()).isEqualTo(account);
        assertThat(session.token()).hasSize(43);
        assertThat(session.expiresAt()).isEqualTo(clock.instant().plus(Duration.ofHours(12)));
        assertThat(accounts.authenticate(session.token())).contains(account);

        accounts.signOut(session.token());
        assertThat(accounts.authenticate(session.token())).isEmpty();
        accounts.signOut(session.token());
        assertThat(audited("in-and-out")).containsExactly("SIGN_IN", "SIGN_OUT");
    }

    @Test
    void refusesAWrongPasswordAndAnUnknownLoginAlike() {
        accounts.put("admin", worker("refused"), "correct horse");
        assertThat(accounts.signIn("refused", "wrong horse")).isEqualTo(new SignIn.Refused());
        assertThat(accounts.signIn("refused", "")).isEqualTo(new SignIn.Refused());
        assertThat(accounts.signIn("refused", "x".repeat(10_000))).isEqualTo(new SignIn.Refused());
        assertThat(accounts.signIn("nobody-at-all", "correct horse")).isEqualTo(new SignIn.Refused());
        assertThat(accounts.signIn("nobody-at-all", "")).isEqualTo(new SignIn.Refused());
        assertThat(audited("refused")).containsOnly("SIGN_IN_FAILED");
        assertThat(audited("nobody-at-all")).isEmpty();
    }

    @Test
    void slowsGuessingDown() {
        accounts.put("admin", worker("guessed"), "correct horse");
        for (int i = 0; i < 5; i++) {
            assertThat(accounts.signIn("guessed", "guess " + i)).isInstanceOf(SignIn.Refused.class);
        }
        assertThat(accounts.signIn("guessed", "correct horse")).isEqualTo(new SignIn.Throttled(Duration.ofSeconds(1)));
        clock.advance(Duration.ofSeconds(1));
        assertThat(accounts.signIn("guessed", "correct horse")).isInstanceOf(SignIn.Accepted.class);
    }

    @Test
    void endsSessionsWithTime() {
        accounts.put("admin", worker("late"), "correct horse");
        SignIn.Accepted session = signedIn(accounts.signIn("late", "correct horse"));
        clock.advance(Duration.ofHours(12));
        assertThat(accounts.authenticate(session.token())).isEmpty();
    }

    @Test
    void endsSessionsWhenTheAccountIsReplaced() {
        accounts.put("admin", worker("changed"), "correct horse");
        SignIn.Accepted session = signedIn(accounts.signIn("changed", "correct horse"));
        accounts.put("admin", worker("changed", Account.EVERYTHING), "another horse");
        assertThat(accounts.authenticate(session.token())).isEmpty();
        assertThat(accounts.signIn("changed", "correct horse")).isInstanceOf(SignIn.Refused.class);
        assertThat(accounts.find("changed").orElseThrow().everything()).isTrue();
    }

    @Test
    void remembersASessionUntilItEndsAnywhere() {
        accounts.put("admin", worker("remembered"), "correct horse");
        String token = signedIn(accounts.signIn("remembered", "correct horse")).token();
        assertThat(accounts.authenticate(token)).isPresent();
        assertThat(accounts.findRemembered(token)).as("while nobody listens").isEmpty();

        try (SessionEnds ends = accounts.remember()) {
            awaitRemembered(token);
            // The clock stands still: nothing is forgotten by age. Another process has accounts of its own.
            Accounts elsewhere = new Accounts(
                    dataSource, new Audit(dataSource, clock), clock, new SecureRandom(), Duration.ofHours(12));
            elsewhere.signOut(token);
            await().untilAsserted(() -> assertThat(accounts.authenticate(token)).isEmpty());

            String other =
                    signedIn(accounts.signIn("remembered", "correct horse")).token();
            awaitRemembered(other);
            elsewhere.put("admin", worker("remembered"), "another horse");
            await().untilAsserted(() -> assertThat(accounts.authenticate(other)).isEmpty());

            String last =
                    signedIn(accounts.signIn("remembered", "another horse")).token();
            awaitRemembered(last);
            elsewhere.remove("admin", "remembered");
            await().untilAsserted(() -> assertThat(accounts.authenticate(last)).isEmpty());
        }
    }

    @Test
    void forgetsASessionThatEndedHereAtOnce() {
        accounts.put("admin", worker("here"), "correct horse");
        try (SessionEnds ends = accounts.remember()) {
            String token = signedIn(accounts.signIn("here", "correct horse")).token();
            awaitRemembered(token);
            accounts.signOut(token);
            assertThat(accounts.findRemembered(token)).isEmpty();
            assertThat(accounts.authenticate(token)).isEmpty();
        }
    }

    @Test
    void forgetsSessionsWhenTheLineIsCutAndByAge() {
        accounts.put("admin", worker("cut"), "correct horse");
        String token = signedIn(accounts.signIn("cut", "correct horse")).token();
        try (SessionEnds ends = accounts.remember()) {
            awaitRemembered(token);
            TestDatabase.run(
                    dataSource,
                    "select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen yimen_session'"
                            + " or pid in (select pid from pg_stat_activity where pid <> pg_backend_pid()"
                            + " and datname = current_database() and backend_type = 'client backend')");
            await().untilAsserted(
                            () -> assertThat(accounts.findRemembered(token)).isEmpty());
            awaitRemembered(token);
            clock.advance(Duration.ofSeconds(5));
            assertThat(accounts.findRemembered(token)).as("after its age").isEmpty();
        }
    }

    private void awaitRemembered(String token) {
        await().untilAsserted(() -> {
            assertThat(accounts.authenticate(token)).isPresent();
            assertThat(accounts.findRemembered(token)).isPresent();
        });
    }

    @Test
    void keepsNeitherPasswordNorToken() throws SQLException {
        accounts.put("admin", worker("secretive"), "correct horse");
        SignIn.Accepted session = signedIn(accounts.signIn("secretive", "correct horse"));
        assertThat(column("select password_hash from pool.account where login = 'secretive'"))
                .allMatch(hash -> hash.startsWith("pbkdf2-sha256$210000$") && !hash.contains("correct horse"));
        assertThat(column("select encode(token_hash, 'base64') from pool.session where login = 'secretive'"))
                .singleElement()
                .isNotEqualTo(session.token());
        assertThat(session.toString()).doesNotContain(session.token());
    }

    @Test
    void refusesShortPasswordsAndStrangeTokens() {
        assertThatThrownBy(() -> accounts.put("admin", worker("short"), "1234567"))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(PoolException.Kind.INVALID));
        assertThat(accounts.find("short")).isEmpty();
        assertThat(accounts.authenticate("")).isEmpty();
        assertThat(accounts.authenticate("no such token")).isEmpty();
    }

    @Test
    void anIdentifierThatNoPlaceHasOpensNothing() {
        assertThat(accounts.scopeOf(worker("nowhere", "place-code:2023|999999999999")))
                .isEqualTo(Scope.nothing("nowhere"));
        assertThat(accounts.scopeOf(worker("nowhere"))).isEqualTo(Scope.nothing("nowhere"));
        assertThat(accounts.scopeOf(worker("all", Account.EVERYTHING))).isEqualTo(Scope.everything("all"));
    }

    private static SignIn.Accepted signedIn(SignIn outcome) {
        assertThat(outcome).isInstanceOf(SignIn.Accepted.class);
        return (SignIn.Accepted) outcome;
    }

    private static List<String> audited(String actor) {
        try {
            return column("select action from pool.audit where actor = '" + actor + "' order by id");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> column(String sql) throws SQLException {
        var values = new ArrayList<String>();
        try (var connection = dataSource.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        }
        return values;
    }
}
