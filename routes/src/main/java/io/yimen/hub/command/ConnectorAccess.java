package io.yimen.hub.command;

import io.yimen.connectors.Access;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestError;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.connectors.manifest.ParameterFile;
import io.yimen.hub.config.ConfigCheck;
import io.yimen.hub.ingest.ConnectorFiles;
import io.yimen.pool.PoolException;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.approval.Approval;
import io.yimen.pool.approval.Approvals;
import io.yimen.pool.model.PoolModel;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * {@code connector approve NAME}, {@code connector run NAME --once} and {@code connector reread NAME}: the commands about
 * one connector and the pool that is configured. Exit codes: 0 done, 1 it cannot be done, 2 the command was not understood.
 */
final class ConnectorAccess {
    private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
    private static final String USAGE = """
            usage: connector approve NAME [--until DATE] [--by PERSON]
                                               show what the connector asks for, and approve it up to and without
                                               DATE (yyyy-MM-dd)
                   connector approve NAME --show
                                               show it only
                   connector run NAME --once   read until the source is caught up with, then end
                   connector reread NAME [--stream S]... [--by PERSON]
                                               have it read again from its beginning, or these of its streams, while
                                               the rest goes on""";

    private final UnaryOperator<String> settings;
    private final PrintStream out;
    private final PrintStream err;

    ConnectorAccess(UnaryOperator<String> settings, PrintStream out, PrintStream err) {
        this.settings = settings;
        this.out = out;
        this.err = err;
    }

    static boolean isMeant(List<String> args) {
        return !args.isEmpty() && List.of("approve", "run", "reread").contains(args.get(0));
    }

    int run(List<String> args) {
        if (args.size() < 2 || args.get(1).startsWith("-")) {
            return misunderstood();
        }
        try {
            List<String> options = args.subList(2, args.size());
            if (args.get(0).equals("run")) {
                return options.equals(List.of("--once")) ? runOnce(args.get(1)) : misunderstood();
            }
            if (args.get(0).equals("reread")) {
                return reread(args.get(1), options);
            }
            return approve(args.get(1), new ArrayList<>(options));
        } catch (ManifestException e) {
            e.errors().stream().map(ManifestError::toString).forEach(err::println);
        } catch (PoolException | ConnectorException e) {
            err.println("yimen: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 1;
    }

    private int misunderstood() {
        err.println(USAGE);
        return 2;
    }

    private int approve(String name, List<String> options) {
        boolean only = options.remove("--show");
        Instant until = null;
        String by = System.getProperty("user.name", "");
        for (int i = 0; i < options.size(); i += 2) {
            String value = i + 1 < options.size() ? options.get(i + 1) : "";
            if (options.get(i).equals("--by") && !value.isBlank()) {
                by = value;
            } else if (options.get(i).equals("--until")) {
                try {
                    until = LocalDate.parse(value).atStartOfDay(ZONE).toInstant();
                } catch (DateTimeParseException e) {
                    return misunderstood();
                }
            } else {
                return misunderstood();
            }
        }
        Connector connector = connector(name);
        Approval asked = Access.requested(connector, until, by, Instant.now());
        try (PostgresPool pool = OpenPool.of(settings, PoolModel.standard())) {
            Approvals approvals = OpenPool.approvals(settings);
            show(asked, connector, approvals.latest().get(connector.id()));
            if (only) {
                return 0;
            }
            approvals.put(asked);
            out.println("Approved by " + by + (until == null ? "" : " until " + until));
            return 0;
        }
    }

    private int reread(String name, List<String> options) {
        List<String> named = new ArrayList<>();
        String by = System.getProperty("user.name", "");
        for (int i = 0; i < options.size(); i += 2) {
            String value = i + 1 < options.size() ? options.get(i + 1) : "";
            if (value.isBlank()) {
                return misunderstood();
            }
            switch (options.get(i)) {
                case "--stream" -> named.add(value);
                case "--by" -> by = value;
                default -> {
                    return misunderstood();
                }
            }
        }
        Connector connector = connector(name);
        try (PostgresPool pool = OpenPool.of(settings, PoolModel.standard())) {
            Manifest allowed = allowed(connector).orElse(null);
            if (allowed == null) {
                return 1;
            }
            SortedSet<String> streams = connector.with(allowed).streamsToReread(named);
            long wish = pool.askReread(connector.id(), streams, by);
            out.println("To be read again: " + String.join(", ", streams) + " of " + name + " (wish " + wish + ")");
            out.println(
                    "A hub that runs begins at once, a run of kind reread shows how far it is; otherwise its next start"
                            + " does, or ./yimen connector run " + name + " --once");
            return 0;
        }
    }

    /** What the connector may read; empty, after saying why, if it may not run. */
    private Optional<Manifest> allowed(Connector connector) {
        Approval approval = OpenPool.approvals(settings).latest().get(connector.id());
        Access access = Access.of(connector, approval, Instant.now());
        if (access.allowed().isEmpty()) {
            String id = connector.id();
            err.println("yimen: " + id + " may not run (" + access.state()
                    + (access.waiting().isEmpty() ? "" : ": " + String.join(", ", access.waiting()))
                    + "); see yimen connector approve " + id);
        }
        return access.allowed();
    }

    private void show(Approval asked, Connector connector, @Nullable Approval before) {
        out.println(asked.source() + "  " + connector.manifest().system().title() + "  (" + asked.owner() + ")");
        out.println("  reaches " + String.join(", ", asked.addresses()));
        for (Manifest.Stream stream : connector.manifest().streams()) {
            out.println("  " + stream.id() + " → " + stream.entity());
            stream.fields().forEach(field -> {
                boolean isNew = before != null && !before.allows(stream.id(), field.name(), field.purpose());
                out.println((isNew ? "  + " : "    ") + field.name() + "  " + field.purpose());
            });
        }
    }

    private int runOnce(String name) throws InterruptedException {
        Connector connector = connector(name);
        try (PostgresPool pool = OpenPool.of(settings, PoolModel.standard())) {
            Optional<Manifest> allowed = allowed(connector);
            if (allowed.isEmpty()) {
                return 1;
            }
            var unused = ConnectorRun.once(
                    connector.with(allowed.get()),
                    pool,
                    batch -> pool.apply(batch).outcomes(),
                    Clock.systemUTC());
            out.println(name + " has caught up");
            return 0;
        }
    }

    /** The connector with this id, from the catalog or the connectors' folder, as it is configured. */
    private Connector connector(String id) {
        Path file = ConnectorFiles.of(settings, PoolModel.standard())
                .find(id)
                .orElseThrow(() -> new ConnectorException(
                        ConnectorException.Kind.CONFIGURATION,
                        "unknown-connector",
                        "there is no connector " + id + " in yimen.connectors.catalog or yimen.connectors.folder"));
        Manifest manifest = new Manifests().read(List.of(file)).get(0);
        Map<String, String> beside = ParameterFile.read(file.resolveSibling(""), manifest);
        return Connector.of(
                manifest,
                parameter -> Optional.ofNullable(beside.get(parameter)).or(() -> ConfigCheck.findParameter(parameter)));
    }
}
