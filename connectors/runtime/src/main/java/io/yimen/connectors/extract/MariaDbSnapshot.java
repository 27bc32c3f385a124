package io.yimen.connectors.extract;

import io.debezium.relational.Table;
import io.yimen.connectors.ConnectorException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A MariaDB at one place of its binary log: a transaction that the server began together with a look at where its log
 * was. A transaction of the log is shown if its place is before that one. Nothing is locked.
 */
final class MariaDbSnapshot implements TableSnapshot {
    /** So many rows are fetched at a time. */
    private static final int FETCH = 4096;

    /** In milliseconds: before its first row the server may have to put a whole table in order. */
    private static final String LONGEST_ANSWER = "600000";

    private static final Map<String, String> CONNECTION = Map.of(
            "tcpKeepAlive",
            "true",
            "socketTimeout",
            LONGEST_ANSWER,
            // A TINYINT(1) may hold more than a truth.
            "tinyInt1isBit",
            "false");

    private static final List<String> SESSION = List.of(
            "set session transaction isolation level repeatable read",
            "set session time_zone = '+00:00'",
            "set session sql_mode = ''",
            "set session max_statement_time = 0",
            // The pool may take its time with a batch.
            "set session net_write_timeout = 86400",
            "set session wait_timeout = 86400",
            "set session idle_transaction_timeout = 0, session idle_readonly_transaction_timeout = 0",
            "start transaction with consistent snapshot, read only");

    private final Connection reading;
    private final String server;
    private final String database;
    private final BinlogText engine;
    private final Map<String, Object> beginning;

    private MariaDbSnapshot(
            Connection reading, String server, String database, BinlogText engine, Map<String, Object> beginning) {
        this.reading = reading;
        this.server = server;
        this.database = database;
        this.engine = engine;
        this.beginning = beginning;
    }

    /** @param server as the engine calls it */
    static TableSnapshot open(BinlogDatabase.Access access, String server, BinlogText engine) {
        Connection reading = access.open(CONNECTION);
        try {
            try (Statement statement = reading.createStatement()) {
                for (String each : SESSION) {
                    statement.execute(each);
                }
            }
            Map<String, String> place = new HashMap<>();
            try (Statement statement = reading.createStatement();
                    ResultSet rows = statement.executeQuery("show status like 'binlog\\_snapshot\\_%'")) {
                while (rows.next()) {
                    place.put(rows.getString(1).toLowerCase(Locale.ROOT), rows.getString(2));
                }
            }
            String file = place.getOrDefault("binlog_snapshot_file", "");
            String bytes = place.getOrDefault("binlog_snapshot_position", "");
            if (file.isEmpty() || bytes.isEmpty()) {
                throw new ConnectorException(
                        ConnectorException.Kind.UNEXPECTED,
                        "binary-log",
                        "the source database does not tell which place of its binary log a snapshot shows");
            }
            Map<String, Object> beginning = new LinkedHashMap<>();
            beginning.put("file", file);
            beginning.put("pos", Long.parseLong(bytes));
            try (Statement statement = reading.createStatement();
                    ResultSet row = statement.executeQuery(
                            "select binlog_gtid_pos('" + file.replace("'", "''") + "', " + bytes + ")")) {
                row.next();
                beginning.put("gtids", row.getString(1));
            }
            Connection open = reading;
            reading = null;
            return new MariaDbSnapshot(open, server, access.database(), engine, beginning);
        } catch (SQLException e) {
            throw BinlogDatabase.failed("does not begin a snapshot", e);
        } finally {
            TableSnapshot.abort(reading);
        }
    }

    /** Where nothing was written between two copies, they show the same place. */
    @Override
    public Horizon horizon(long after) {
        long place = BinaryLog.placeIn(beginning);
        long position = Math.min(Math.max(place, after + 1), place + BinaryLog.ROOM - 1);
        return new Horizon(position, place, null, beginning);
    }

    @Override
    public Map<String, Object> beginning() {
        return beginning;
    }

    /** How the tables are made, and at first what the database takes for granted of those that are made later. */
    @Override
    public @Nullable String history(@Nullable String before, Collection<String> tables) {
        List<String> statements = new ArrayList<>();
        if (before == null) {
            statements.add(told("show create database " + ColumnCharsets.quoted(database), 2));
        }
        for (String table : tables) {
            statements.add(made(table));
        }
        return CommittedHistory.with(before, server, beginning, database, statements);
    }

    private String made(String table) {
        return told("show create table " + ColumnCharsets.quoted(database) + "." + ColumnCharsets.quoted(table), 2);
    }

    private String told(String query, int column) {
        try (Statement statement = reading.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(column);
        } catch (SQLException e) {
            throw BinlogDatabase.failed("does not tell how its tables are made", e);
        }
    }

    @Override
    public Rows rows(String table, List<String> columns, String rest) {
        Table known = engine.table(table, made(table));
        List<BinlogText.Asked> asked =
                columns.stream().map(column -> engine.ask(known, column)).toList();
        List<String> expressions =
                asked.stream().map(BinlogText.Asked::expression).toList();
        try {
            Statement statement = reading.createStatement();
            statement.closeOnCompletion();
            statement.setFetchSize(FETCH);
            ResultSet rows = statement.executeQuery("select " + String.join(", ", expressions) + " from "
                    + ColumnCharsets.quoted(database) + "." + ColumnCharsets.quoted(table) + rest);
            return () -> next(rows, asked);
        } catch (SQLException e) {
            throw BinlogDatabase.failed("does not let a table be copied", e);
        }
    }

    private static @Nullable String @Nullable [] next(ResultSet rows, List<BinlogText.Asked> asked) {
        try {
            if (!rows.next()) {
                rows.close();
                return null;
            }
            @Nullable String[] row = new @Nullable String[asked.size()];
            for (int i = 0; i < row.length; i++) {
                row[i] = asked.get(i).text().of(rows, i + 1);
            }
            return row;
        } catch (SQLException e) {
            throw BinlogDatabase.failed("broke off while a table was copied", e);
        }
    }

    @Override
    public void abort() {
        TableSnapshot.abort(reading);
    }

    @Override
    public void close() {
        TableSnapshot.abort(reading);
    }
}
