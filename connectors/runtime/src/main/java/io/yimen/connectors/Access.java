package io.yimen.connectors;

import io.yimen.connectors.manifest.FileDropSettings;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.pool.approval.Approval;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a connector may do of what it asks for, by what was approved: fields that nobody approved are not in its manifest
 * any more, so that their columns are not even read; where it would go anywhere else than was approved, it does not go.
 *
 * @param state in one word
 * @param approval what was approved; null if nothing ever was
 * @param waiting what is not approved: {@code stream.field}, or an address
 * @param allowed the manifest with what is approved; empty where the connector may not run
 */
public record Access(State state, @Nullable Approval approval, List<String> waiting, Optional<Manifest> allowed) {
    private static final Pattern SCHEME =
            Pattern.compile("([a-z][a-z0-9+.-]*)://(?:[^/@]*@)?(\\[[^\\]]+]|[^/:?#,]+)(?::(\\d+))?");
    private static final Pattern HOST_PORT = Pattern.compile("(\\[[^\\]]+]|[A-Za-z0-9._-]+):(\\d{1,5})");
    private static final Map<String, String> PORTS = Map.of(
            "http", "80", "https", "443", "sftp", "22", "postgresql", "5432", "mariadb", "3306", "mysql", "3306");

    /** How far a connector may go. */
    public enum State {
        /** Everything that it asks for is approved. */
        APPROVED,
        /** It runs with what is approved; the rest waits. */
        PARTIAL,
        /** Nothing is approved. */
        MISSING,
        /** What was approved has ended. */
        EXPIRED,
        /** It would reach what is not approved. */
        ADDRESS
    }

    public Access {
        waiting = List.copyOf(waiting);
    }

    /** What a connector asks for, as an approval of all of it would say. */
    public static Approval requested(Connector connector, @Nullable Instant until, String by, Instant at) {
        Map<String, Map<String, String>> fields = new LinkedHashMap<>();
        for (Manifest.Stream stream : connector.manifest().streams()) {
            Map<String, String> byField = new LinkedHashMap<>();
            stream.fields().forEach(f -> byField.put(f.name(), f.purpose()));
            fields.put(stream.id(), byField);
        }
        return new Approval(
                connector.id(), connector.manifest().system().owner(), fields, addresses(connector), until, by, at);
    }

    /** What the connector may do at this moment. */
    public static Access of(Connector connector, @Nullable Approval approval, Instant now) {
        if (approval == null) {
            return new Access(State.MISSING, null, List.of(), Optional.empty());
        }
        if (approval.isExpired(now)) {
            return new Access(State.EXPIRED, approval, List.of(), Optional.empty());
        }
        Set<String> elsewhere = new TreeSet<>(addresses(connector));
        elsewhere.removeAll(approval.addresses());
        if (!elsewhere.isEmpty()) {
            return new Access(State.ADDRESS, approval, List.copyOf(elsewhere), Optional.empty());
        }
        List<String> waiting = new ArrayList<>();
        List<Manifest.Stream> streams = new ArrayList<>();
        for (Manifest.Stream stream : connector.manifest().streams()) {
            List<Manifest.FieldRule> allowed = stream.fields().stream()
                    .filter(f -> approval.allows(stream.id(), f.name(), f.purpose()))
                    .toList();
            stream.fields().stream()
                    .filter(f -> !allowed.contains(f))
                    .forEach(f -> waiting.add(stream.id() + "." + f.name()));
            if (!allowed.isEmpty()) {
                streams.add(stream.withFields(allowed));
            }
        }
        if (streams.isEmpty()) {
            return new Access(State.MISSING, approval, waiting, Optional.empty());
        }
        Manifest manifest = connector.manifest();
        return new Access(
                waiting.isEmpty() ? State.APPROVED : State.PARTIAL,
                approval,
                waiting,
                Optional.of(waiting.isEmpty() ? manifest : manifest.withStreams(streams)));
    }

    /** Hosts with ports, and folders, that the connector's parameters name. Nothing else is ever reached. */
    public static Set<String> addresses(Connector connector) {
        Set<String> addresses = new TreeSet<>();
        for (Manifest.Parameter parameter : connector.manifest().parameters().values()) {
            if (!parameter.secret()) {
                connector.parameters().find(parameter.name()).ifPresent(value -> {
                    addTo(addresses, value);
                    if (value.startsWith("/")) {
                        addresses.add(value);
                    }
                });
            }
        }
        connector.manifest().texts().forEach(value -> addTo(addresses, value));
        if (connector.manifest().settings() instanceof FileDropSettings drop && drop.sftp() != null) {
            addTo(
                    addresses,
                    connector.parameters().getFilled(drop.sftp().host()) + ":"
                            + connector.parameters().getFilled(drop.sftp().port()));
        }
        return addresses;
    }

    private static void addTo(Set<String> addresses, String value) {
        String plain = value.startsWith("jdbc:") ? value.substring("jdbc:".length()) : value;
        Matcher url = SCHEME.matcher(plain);
        if (url.find()) {
            String port = url.group(3) == null ? PORTS.getOrDefault(url.group(1), "") : url.group(3);
            addresses.add(url.group(2) + ":" + port);
            // Further hosts of the same address, as a cluster has them.
            Matcher more = HOST_PORT.matcher(plain.substring(url.end()));
            while (plain.startsWith(",", url.end()) && more.find()) {
                addresses.add(more.group());
            }
            return;
        }
        for (String part : value.split(",")) {
            if (HOST_PORT.matcher(part.strip()).matches()) {
                addresses.add(part.strip());
            }
        }
    }
}
