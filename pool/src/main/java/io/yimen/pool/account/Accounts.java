package io.yimen.pool.account;

import io.yimen.pool.PoolException;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.ledger.Scope;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * Accounts, sessions, and the places that an account may see. Thread-safe.
 *
 * <p>A password is stored as a slow salted hash, a session's token as its SHA-256 only.
 */
public final class Accounts {
    private static final int SHORTEST_PASSWORD = 8;
    private static final int LONGEST_PASSWORD = 200;
    /** How long a place that moved, or came to be, may be missed by those who are signed in. */
    private static final Duration SCOPE_AGE = Duration.ofSeconds(5);

    private final DataSource dataSource;
    private final Audit audit;
    private final Clock clock;
    private final SecureRandom random;
    private final Duration sessionLength;
    private final Throttle throttle;
    private final Map<List<String>, Roots> rootsByScope = new ConcurrentHashMap<>();
    private final String nobodysHash;
    private final KnownSessions sessions = new KnownSessions();

    private record Roots(List<Long> ids, Instant until) {}

    /**
     * @param dataSource connections of the pool's owner
     * @param sessionLength how long a session lasts
     */
    public Accounts(DataSource dataSource, Audit audit, Clock clock, SecureRandom random, Duration sessionLength) {
        this.dataSource = dataSource;
        this.audit = audit;
        this.clock = clock;
        this.random = random;
        this.sessionLength = sessionLength;
        this.throttle = new Throttle(clock);
        this.nobodysHash = PasswordHash.ofNothing(random);
    }

    /**
     * From now on remembers sessions for some seconds, as long as PostgreSQL tells of those that end.
     *
     * @return to be closed before the connections are
     */
    public SessionEnds remember() {
        return new SessionEnds(dataSource, sessions);
    }

    /**
     * Creates the account or replaces it, password included; its sessions end.
     *
     * @param actor who does it, for the audit
     * @throws PoolException {@code INVALID} if the password is too short or too long
     */
    public void put(String actor, Account account, String password) {
        if (password.length() < SHORTEST_PASSWORD || password.length() > LONGEST_PASSWORD) {
            throw new PoolException(
                    PoolException.Kind.INVALID,
                    "A password has " + SHORTEST_PASSWORD + " to " + LONGEST_PASSWORD + " characters");
        }
        String hash = PasswordHash.of(password, random);
        inTransaction(connection -> {
            try (var upsert = connection.prepareStatement("""
                    insert into pool.account (login, display_name, password_hash, roles, scope, created_at)
                    values (?, ?, ?, ?, ?, ?)
                    on conflict (login) do update
                       set display_name = excluded.display_name, password_hash = excluded.password_hash,
                           roles = excluded.roles, scope = excluded.scope""")) {
                upsert.setString(1, account.login());
                upsert.setString(2, account.displayName());
                upsert.setString(3, hash);
                upsert.setArray(
                        4,
                        connection.createArrayOf(
                                "text",
                                account.roles().stream().map(Role::wireName).toArray()));
                upsert.setArray(
                        5, connection.createArrayOf("text", account.scope().toArray()));
                upsert.setObject(6, now());
                upsert.executeUpdate();
            }
            try (var delete = connection.prepareStatement("delete from pool.session where login = ?")) {
                delete.setString(1, account.login());
                delete.executeUpdate();
            }
            tellOfEnd(connection);
            audit.append(connection, actor, "ACCOUNT", account.login(), Map.of("scope", account.scope()));
            return account;
        });
        sessions.forget();
    }

    /** The account of that login. */
    public Optional<Account> find(String login) {
        return inTransaction(connection -> {
            try (var select = connection.prepareStatement("""
                    select login, display_name, roles, scope from pool.account where login = ?""")) {
                select.setString(1, normalised(login));
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? Optional.of(account(row)) : Optional.empty();
                }
            }
        });
    }

    /** All accounts, by login. */
    public List<Account> list() {
        return inTransaction(connection -> {
            try (var select = connection.prepareStatement(
                            "select login, display_name, roles, scope from pool.account order by login");
                    ResultSet rows = select.executeQuery()) {
                List<Account> accounts = new ArrayList<>();
                while (rows.next()) {
                    accounts.add(account(rows));
                }
                return accounts;
            }
        });
    }

    /**
     * Removes an account; its sessions end. What it did stays in the audit.
     *
     * @param actor who does it, for the audit
     * @return whether there was one
     */
    public boolean remove(String actor, String login) {
        String name = normalised(login);
        boolean removed = inTransaction(connection -> {
            try (var delete = connection.prepareStatement("delete from pool.account where login = ?")) {
                delete.setString(1, name);
                boolean there = delete.executeUpdate() > 0;
                if (there) {
                    tellOfEnd(connection);
                    audit.append(connection, actor, "ACCOUNT_REMOVED", name, Map.of());
                }
                return there;
            }
        });
        sessions.forget();
        return removed;
    }

    /** Checks login and password and opens a session. Takes as long for a login that does not exist. */
    public SignIn signIn(String login, String password) {
        String name = normalised(login);
        Optional<Duration> wait = throttle.take(name);
        if (wait.isPresent()) {
            return new SignIn.Throttled(wait.get());
        }
        Optional<String> hash = inTransaction(connection -> {
            try (var select = connection.prepareStatement("select password_hash from pool.account where login = ?")) {
                select.setString(1, name);
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
                }
            }
        });
        String stored = hash.orElse(nobodysHash);
        boolean longEnough = password.length() <= LONGEST_PASSWORD;
        boolean matches = PasswordHash.matches(longEnough ? password : "", stored);
        if (hash.isEmpty() || !longEnough || !matches) {
            // What was typed as a login may be a password: only a login that exists is written down.
            audit.append(hash.isEmpty() ? "?" : name, "SIGN_IN_FAILED", "session", Map.of());
            return new SignIn.Refused();
        }
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        Instant expires = clock.instant().plus(sessionLength);
        Optional<Account> account = inTransaction(connection -> {
            try (var delete = connection.prepareStatement("delete from pool.session where expires_at <= ?")) {
                delete.setObject(1, now());
                delete.executeUpdate();
            }
            // Only if the password is still the one that was checked.
            try (var insert = connection.prepareStatement("""
                    with opened as (
                      insert into pool.session (token_hash, login, created_at, expires_at)
                      select ?, login, ?, ? from pool.account where login = ? and password_hash = ?
                      returning login)
                    select login, display_name, roles, scope from pool.account join opened using (login)""")) {
                insert.setBytes(1, digest(token));
                insert.setObject(2, now());
                insert.setObject(3, expires.atOffset(ZoneOffset.UTC));
                insert.setString(4, name);
                insert.setString(5, stored);
                try (ResultSet row = insert.executeQuery()) {
                    if (!row.next()) {
                        return Optional.empty();
                    }
                    Account found = account(row);
                    audit.append(connection, name, "SIGN_IN", "session", Map.of());
                    return Optional.of(found);
                }
            }
        });
        if (account.isEmpty()) {
            return new SignIn.Refused();
        }
        throttle.succeeded(name);
        return new SignIn.Accepted(token, expires, account.get());
    }

    /** Whose session the token is, if it is one that has not ended. */
    public Optional<Account> authenticate(String token) {
        byte[] digest = digest(token);
        Optional<Account> known = sessions.find(digest, clock.instant());
        return known.isPresent() ? known : lookUp(digest);
    }

    /** As {@link #authenticate}, of sessions that are remembered: it waits for nothing. */
    public Optional<Account> findRemembered(String token) {
        return sessions.find(digest(token), clock.instant());
    }

    private Optional<Account> lookUp(byte[] digest) {
        long turn = sessions.turn();
        return inTransaction(connection -> {
            try (var select = connection.prepareStatement("""
                    select login, display_name, roles, scope, expires_at
                      from pool.session join pool.account using (login)
                     where token_hash = ? and expires_at > ?""")) {
                select.setBytes(1, digest);
                select.setObject(2, now());
                try (ResultSet row = select.executeQuery()) {
                    if (!row.next()) {
                        return Optional.empty();
                    }
                    Account account = account(row);
                    Instant expires = row.getObject(5, OffsetDateTime.class).toInstant();
                    sessions.keep(turn, digest, account, expires, clock.instant());
                    return Optional.of(account);
                }
            }
        });
    }

    /** Ends the session; nothing happens if there is none. */
    public void signOut(String token) {
        inTransaction(connection -> {
            try (var delete =
                    connection.prepareStatement("delete from pool.session where token_hash = ? returning login")) {
                delete.setBytes(1, digest(token));
                try (ResultSet row = delete.executeQuery()) {
                    if (row.next()) {
                        tellOfEnd(connection);
                        audit.append(connection, row.getString(1), "SIGN_OUT", "session", Map.of());
                    }
                    return true;
                }
            }
        });
        // Here at once; elsewhere as soon as PostgreSQL tells it.
        sessions.forget();
    }

    private static void tellOfEnd(Connection connection) throws SQLException {
        try (var tell = connection.prepareStatement("select pg_notify(?, '')")) {
            tell.setString(1, SessionEnds.CHANNEL);
            tell.execute();
        }
    }

    /**
     * What the account may see now. An identifier that no place has opens nothing.
     */
    public Scope scopeOf(Account account) {
        if (account.everything()) {
            return Scope.everything(account.login());
        }
        if (account.scope().isEmpty()) {
            return Scope.nothing(account.login());
        }
        Instant now = clock.instant();
        Roots known = rootsByScope.get(account.scope());
        if (known == null || !now.isBefore(known.until())) {
            known = new Roots(resolve(account.scope()), now.plus(SCOPE_AGE));
            rootsByScope.values().removeIf(roots -> !now.isBefore(roots.until()));
            rootsByScope.put(account.scope(), known);
        }
        return new Scope(account.login(), known.ids(), false);
    }

    private List<Long> resolve(List<String> identifiers) {
        String[] names = new String[identifiers.size()];
        String[] values = new String[identifiers.size()];
        for (int i = 0; i < names.length; i++) {
            String identifier = identifiers.get(i);
            int colon = identifier.indexOf(':');
            names[i] = identifier.substring(0, colon);
            values[i] = identifier.substring(colon + 1);
        }
        return inTransaction(connection -> {
            try (var select = connection.prepareStatement("""
                    select distinct e.id
                      from unnest(?::text[], ?::text[]) as wanted (name, value)
                      join pool.identifier i using (name, value)
                      join pool.entity e on e.id = i.entity_id
                     where e.entity_type = 'Place' and e.status = 'ACTIVE'
                     order by e.id""")) {
                select.setArray(1, connection.createArrayOf("text", names));
                select.setArray(2, connection.createArrayOf("text", values));
                var ids = new ArrayList<Long>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        ids.add(row.getLong(1));
                    }
                }
                return ids;
            }
        });
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }

    private static Account account(ResultSet row) throws SQLException {
        Set<Role> roles = Arrays.stream((String[]) row.getArray(3).getArray())
                .map(Role::ofWireName)
                .collect(Collectors.toSet());
        return new Account(row.getString(1), row.getString(2), roles, List.of((String[])
                row.getArray(4).getArray()));
    }

    private static String normalised(String login) {
        return login.strip().toLowerCase(Locale.ROOT);
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256", e);
        }
    }

    private interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    private <T> T inTransaction(Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                T result = work.with(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw new PoolException(PoolException.Kind.RETRY, "The pool's accounts could not be read or written", e);
        }
    }
}
