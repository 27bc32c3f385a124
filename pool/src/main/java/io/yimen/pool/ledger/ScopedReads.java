package io.yimen.pool.ledger;

import io.yimen.pool.PoolException;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.model.Scoping;
import io.yimen.pool.seal.Vault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The one way in for every read: a transaction under a role that may only select, and whose rows PostgreSQL limits to
 * the scope. Reads of personal data leave an audit line in the same transaction, so that nothing is handed out of which
 * no line could be written. Thread-safe.
 */
public final class ScopedReads {
    /** Of no use to anybody who waits; what takes longer would only hold up others. */
    private static final String TIMEOUT_MILLIS = "20000";
    /** About people, though none of their fields is sensitive. */
    private static final Set<String> ABOUT_PEOPLE =
            Set.of("Person", "Household", "Membership", "Candidacy", "ServiceCase", "WorkRecord");

    private final DataSource dataSource;
    private final PoolModel model;
    private final Vault vault;
    private final Audit audit;
    private final List<String> everyone;
    private final String everyoneText;

    /**
     * @param dataSource connections of the pool's owner, each with auto-commit on and at rest in no transaction
     * @param vault opens what is sealed, in order to mask it
     */
    public ScopedReads(DataSource dataSource, PoolModel model, Vault vault, Audit audit) {
        this.dataSource = dataSource;
        this.model = model;
        this.vault = vault;
        this.audit = audit;
        this.everyone = model.types().stream()
                .filter(type -> type.scoping() == Scoping.EVERYONE)
                .map(EntityType::name)
                .toList();
        this.everyoneText = everyone.stream().collect(Collectors.joining(",", "{", "}"));
    }

    public PoolModel model() {
        return model;
    }

    public Vault vault() {
        return vault;
    }

    /** Names of the types whose records everybody sees. */
    List<String> everyone() {
        return everyone;
    }

    /**
     * What is read, as the audit is to tell it.
     *
     * @param audited whether a line is left
     * @param durable whether the line must be on disk before anything is handed out
     * @param openRole whether the work needs what no reader may select, such as sealed raw records; it must check the
     *     scope itself
     */
    public record Access(
            String action,
            String object,
            Map<String, Object> detail,
            boolean audited,
            boolean durable,
            boolean openRole) {}

    /** Not about anybody: no line. */
    public static Access operations() {
        return new Access("", "", Map.of(), false, false, false);
    }

    /** A read of these types: audited if one of them is about people. */
    public Access reading(String action, String object, Map<String, Object> detail, Collection<EntityType> types) {
        return new Access(action, object, detail, types.stream().anyMatch(ScopedReads::isPersonal), false, false);
    }

    /** The one place that decides which types are about people. */
    private static boolean isPersonal(EntityType type) {
        return ABOUT_PEOPLE.contains(type.name()) || type.fields().stream().anyMatch(Field::isSensitive);
    }

    /** Reads within a transaction. */
    public interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    /** Works within the scope, and leaves the line that {@code access} asks for. */
    public <T> T read(Scope scope, Access access, Work<T> work) {
        return withConnection(connection -> read(connection, scope, access, work));
    }

    private <T> T read(Connection connection, Scope scope, Access access, Work<T> work) throws SQLException {
        connection.setAutoCommit(false);
        boolean done = false;
        try {
            T result;
            try {
                enter(connection, scope, access);
                result = work.with(connection);
            } catch (PoolException e) {
                // Somebody who asks for what lies outside leaves a line too.
                if (access.audited() && e.kind() == PoolException.Kind.NOT_FOUND) {
                    var detail = new HashMap<>(access.detail());
                    detail.put("outcome", "NOT_FOUND");
                    leaveLine(connection, scope, access, detail);
                    connection.commit();
                    done = true;
                }
                throw e;
            }
            if (access.audited()) {
                leaveLine(connection, scope, access, access.detail());
            }
            connection.commit();
            done = true;
            return result;
        } finally {
            if (!connection.isClosed()) {
                if (!done) {
                    connection.rollback();
                }
                connection.setAutoCommit(true);
            }
        }
    }

    /** Questions that are asked in one round trip: texts once made, with the values of each asking. */
    interface Asking<T> {
        /** Sets the placeholders of the questions, from {@code first} on. */
        void fill(PreparedStatement statement, int first) throws SQLException;

        /** Takes the answer to one of the questions; what the last one makes is the result, null if nothing was found. */
        @Nullable
        T take(int question, ResultSet rows) throws SQLException;
    }

    /**
     * Questions with what stands before and after them, as one text.
     *
     * @param count how many questions there are
     * @param placeholders how many they have together
     */
    record Together(String text, int count, int placeholders, boolean audited) {
        /**
         * @param questions the first of them says {@link #FOUND} of what it found and keeps to {@link #READERS}
         * @param audited whether a line is left of what was found
         */
        static Together of(List<String> questions, int placeholders, boolean audited) {
            return new Together(
                    SETTINGS + "; " + String.join("; ", questions) + (audited ? "; reset role; " + LINE : ""),
                    questions.size(),
                    placeholders,
                    audited);
        }
    }

    /** A column of what was found: no line is left of what was not. */
    static final String FOUND = "set_config('yimen.found', 'yes', true)";
    /** Fails closed, were a question ever to come without its settings. */
    static final String READERS = "current_user in ('yimen_reader', 'yimen_overseer')";

    private static final String SETTINGS = """
            select set_config('role', ?, true), set_config('yimen.scope', ?, true),
                   set_config('yimen.everyone', ?, true), set_config('synchronous_commit', 'off', true),
                   set_config('plan_cache_mode', 'force_generic_plan', true), set_config('statement_timeout', ?, true)""";
    private static final int OF_SETTINGS = 4;
    private static final String LINE = """
            insert into pool.audit (at, actor, action, object, detail)
            select ?, ?, ?, ?, ?::jsonb where current_setting('yimen.found', true) = 'yes'""";

    /**
     * Asks within the scope as {@link #read} does, and leaves its line, in one round trip: PostgreSQL takes what comes
     * before the next synchronisation as one transaction. Of what is not found there is no line yet: the answer is
     * empty, and {@link #read} is to be asked.
     */
    <T> Optional<T> readAtOnce(Scope scope, Access access, Together together, Asking<T> asking) {
        return withConnection(connection -> {
            try (var statement = connection.prepareStatement(together.text())) {
                statement.setString(1, roleOf(scope));
                statement.setString(2, rootsOf(scope));
                statement.setString(3, openTo(scope));
                statement.setString(4, TIMEOUT_MILLIS);
                asking.fill(statement, OF_SETTINGS + 1);
                if (together.audited()) {
                    audit.fill(
                            statement,
                            OF_SETTINGS + together.placeholders() + 1,
                            scope.actor(),
                            access.action(),
                            access.object(),
                            access.detail());
                }
                statement.execute();
                T found = null;
                for (int question = 0; question < together.count(); question++) {
                    statement.getMoreResults();
                    try (ResultSet rows = statement.getResultSet()) {
                        found = asking.take(question, rows);
                    }
                }
                if (together.audited() && found != null) {
                    // The role's reset counts nothing.
                    statement.getMoreResults();
                    statement.getMoreResults();
                    if (statement.getUpdateCount() != 1) {
                        throw new IllegalStateException("A read left no line in the audit");
                    }
                }
                return Optional.ofNullable(found);
            }
        });
    }

    /** A connection that the database has dropped since it was last used costs another attempt. */
    private <T> T withConnection(Work<T> work) {
        for (boolean again = false; ; again = true) {
            try (Connection connection = dataSource.getConnection()) {
                return work.with(connection);
            } catch (SQLException e) {
                String state = e.getSQLState() == null ? "" : e.getSQLState();
                if (state.startsWith("22")) {
                    throw new PoolException(PoolException.Kind.INVALID, "A value of the question is not possible", e);
                }
                if (again || !(state.startsWith("08") || state.startsWith("57P"))) {
                    throw new PoolException(PoolException.Kind.RETRY, "The pool could not be read (" + state + ")", e);
                }
            }
        }
    }

    private static String roleOf(Scope scope) {
        return scope.everything() ? "yimen_overseer" : "yimen_reader";
    }

    private static String rootsOf(Scope scope) {
        return scope.roots().stream().map(String::valueOf).collect(Collectors.joining(",", "{", "}"));
    }

    /** Who has no place sees nothing at all. */
    private String openTo(Scope scope) {
        return scope.roots().isEmpty() ? "{}" : everyoneText;
    }

    private void enter(Connection connection, Scope scope, Access access) throws SQLException {
        // A plan for the values at hand: a community and a city are not read the same way.
        try (var settings = connection.prepareStatement("""
                select set_config('role', ?, true), set_config('yimen.scope', ?, true),
                       set_config('yimen.everyone', ?, true), set_config('transaction_read_only', ?, true),
                       set_config('synchronous_commit', ?, true), set_config('plan_cache_mode', 'force_custom_plan', true),
                       set_config('jit', 'off', true), set_config('statement_timeout', ?, true)""")) {
            settings.setString(1, access.openRole() ? "none" : roleOf(scope));
            settings.setString(2, rootsOf(scope));
            settings.setString(3, openTo(scope));
            settings.setString(4, access.audited() ? "off" : "on");
            settings.setString(5, access.durable() ? "on" : "off");
            settings.setString(6, TIMEOUT_MILLIS);
            settings.execute();
        }
    }

    private void leaveLine(Connection connection, Scope scope, Access access, Map<String, Object> detail)
            throws SQLException {
        audit.appendAsOwner(connection, scope.actor(), access.action(), access.object(), detail);
    }

    /**
     * Limits {@code column} to the places of the scope and, if given, to {@code place} and all below it. Row-level
     * security would do the former without it; said here as well, it lets PostgreSQL start from the places.
     */
    public static void limitToPlaces(Sql sql, String column, Scope scope, @Nullable Long place) {
        if (place == null) {
            if (!scope.everything()) {
                sql.add(
                        "and " + column + " in (select s.place from pool.place_scope s where s.ancestor = any (?))",
                        scope.roots());
            }
        } else if (scope.everything()) {
            sql.add("and " + column + " in (select s.place from pool.place_scope s where s.ancestor = ?)", place);
        } else {
            sql.add(
                    "and " + column
                            + " in (select s.place from pool.place_scope s join pool.place_scope t using (place)"
                            + " where s.ancestor = any (?) and t.ancestor = ?)",
                    scope.roots(),
                    place);
        }
    }

    /** The same for records of one type; those that everybody sees are in no place, and no place leaves any out. */
    static void limitToPlaces(Sql sql, String column, Scope scope, @Nullable Long place, EntityType type) {
        if (type.scoping() != Scoping.EVERYONE) {
            limitToPlaces(sql, column, scope, place);
        }
    }

    /** Limits rows of any type to the places of the scope and what everybody sees. */
    void limitToScope(Sql sql, String alias, Scope scope) {
        if (!scope.everything()) {
            sql.add(
                    "and (" + alias + ".place_id = any (array(select s.place from pool.place_scope s"
                            + " where s.ancestor = any (?))) or " + alias + ".entity_type = any (?))",
                    scope.roots(),
                    everyone.toArray(String[]::new));
        }
    }

    /** Whether records of the type are asked for by places, which are few enough to look at each. */
    static boolean isPlaced(Scope scope, EntityType type, @Nullable Long place) {
        return type.scoping() != Scoping.EVERYONE && (!scope.everything() || place != null);
    }

    /** Refuses text that PostgreSQL cannot take. */
    static String checkText(String what, String text, int longest) {
        boolean broken = text.length() > longest || text.indexOf('\0') >= 0;
        for (int i = 0; i < text.length() && !broken; i++) {
            if (Character.isHighSurrogate(text.charAt(i))) {
                broken = i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(++i));
            } else {
                broken = Character.isLowSurrogate(text.charAt(i));
            }
        }
        if (broken) {
            throw new PoolException(
                    PoolException.Kind.INVALID, what + " is longer than " + longest + " or holds broken characters");
        }
        return text;
    }

    /** Refuses a page that is empty or too large. */
    public static void checkLimit(int limit, int most) {
        if (limit < 1 || limit > most) {
            throw new PoolException(PoolException.Kind.INVALID, "limit is 1 to " + most);
        }
    }

    /** What is not there, or lies outside the scope: the same answer. */
    public static PoolException notFound(String what) {
        return new PoolException(PoolException.Kind.NOT_FOUND, "There is no such " + what + " within the scope");
    }

    /** At most the first {@code count}. */
    public static <T> List<T> firstOf(List<T> list, int count) {
        return list.size() <= count ? list : list.subList(0, count);
    }
}
