package io.yimen.connectors.extract;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.RestSettings;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.connectors.mapping.Watermark;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.Reread;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@code rest-pages} and {@code soap}: pulls a paged resource, page by page, again and again: whole, or what has changed with a whole
 * pull now and then. The number of the pull is the position of what it says. A pull that was cut short is begun anew
 * under a new number: pages may have shifted meanwhile, and a set that was not read in one go says nothing about what is
 * gone.
 */
final class RestPages implements Extractor {
    private static final int BATCH = 2000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Connector connector;
    private final RestSettings settings;
    private final Columns columns;
    private final PageClient client;
    private final String url;
    private final Duration interval;
    private final Duration overlap;
    private final Duration fullEvery;
    /** Digest of the malformed answer that was quarantined last: the same answer again is not a new finding. */
    private String quarantined = "";

    /**
     * Where reading stands.
     *
     * @param pull number of the pull
     * @param page the next page of it
     * @param done whether the pull was read to its end
     * @param at when that was, in milliseconds: a restart does not pull before its time
     * @param full when the last whole pull began that was read to its end, in milliseconds
     * @param since the latest change that was seen, in milliseconds; null where there is none
     */
    record Offset(
            @JsonProperty("pull") long pull,
            @JsonProperty("page") int page,
            @JsonProperty("done") boolean done,
            @JsonProperty("at") long at,
            @JsonProperty("full") long full,
            @JsonProperty("since") @Nullable Long since) {
        Offset on(int nextPage) {
            return new Offset(pull, nextPage, false, 0, full, since);
        }

        /** The next pull is due, and one of everything. */
        Offset again() {
            return new Offset(pull, 1, true, 0, 0, null);
        }
    }

    RestPages(Connector connector, RestSettings settings) {
        this(connector, settings, columns -> new RestProtocol(connector, settings, columns));
    }

    RestPages(Connector connector, Manifest.Soap settings) {
        this(connector, settings.pages(), columns -> new SoapProtocol(connector, settings, columns));
    }

    private RestPages(Connector connector, RestSettings settings, Function<Columns, PageProtocol> protocol) {
        this.connector = connector;
        this.settings = settings;
        List<String> names =
                new ArrayList<>(Columns.of(connector.manifest().streams()).names());
        RestSettings.Since since = settings.since();
        if (since != null) {
            names.add(since.column());
        }
        this.columns = new Columns(names);
        this.url = connector.parameters().getFilled(settings.url());
        checkUrl();
        this.client = new PageClient(connector, settings, protocol.apply(columns));
        this.interval = connector.duration(settings.interval());
        this.overlap = since == null ? Duration.ZERO : connector.duration(since.overlap());
        this.fullEvery = since == null ? Duration.ZERO : connector.duration(since.fullEvery());
    }

    private void checkUrl() {
        try {
            URI uri = URI.create(url);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // said below, with the key
        }
        throw connector.wrong("${base-url}", "is no address; write it like http://host:port");
    }

    @Override
    public void run(Session session) throws InterruptedException {
        // Another attempt begins where somebody wants more.
        List<Reread> wishes = session.rereads();
        while (true) {
            session.stop().check();
            Offset offset = session.findOffset().map(RestPages::parse).orElse(new Offset(0, 1, true, 0, 0, null));
            if (!wishes.isEmpty()) {
                offset = offset.again();
            }
            Duration pause = pauseBefore(offset, session);
            if (!pause.isZero()) {
                session.waiting();
                if (session.stop().await(pause)) {
                    return;
                }
            }
            pull(offset, wishes, session);
            wishes = List.of();
            if (session.isOnce()) {
                return;
            }
        }
    }

    private Duration pauseBefore(Offset offset, Session session) {
        if (offset.pull() == 0 || !offset.done() || session.isOnce()) {
            return Duration.ZERO;
        }
        Instant next = Instant.ofEpochMilli(offset.at()).plus(interval);
        Duration left = Duration.between(session.clock().instant(), next);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** @param wishes that this pull fulfils; one that breaks off is begun anew, so that they need not wait any more */
    private void pull(Offset before, List<Reread> wishes, Session session) throws InterruptedException {
        Instant begun = session.clock().instant();
        RestSettings.Since since = settings.since();
        Watermark watermark = since == null
                ? null
                : new Watermark(since.column(), since.pattern(), columns, ManifestTests.zoneOf(connector.manifest()));
        String asked = since == null || watermark == null ? "" : asked(since, watermark, before, begun);
        Offset at = new Offset(before.pull() + 1, 1, false, 0, before.full(), before.since());
        FullRead read = new FullRead(connector, columns, Position.of(at.pull()));
        if (wishes.isEmpty()) {
            session.openRun("pull", OptionalLong.empty());
        } else {
            session.openRun("reread", OptionalLong.empty());
            session.take(wishes, text(before));
        }
        Paging paging = new Paging(connector.id(), settings.page(), url, asked);
        OptionalLong firstTotal = OptionalLong.empty();
        OptionalLong lastTotal;
        int previous = 0;
        while (true) {
            PageClient.Answer answer =
                    client.fetch(paging, session, (why, body) -> quarantine(paging.number(), why, body, read, session));
            List<@Nullable String[]> found = answer.page().rows();
            lastTotal = answer.page().total();
            checkTotal(paging, lastTotal);
            if (paging.isFirst()) {
                firstTotal = lastTotal;
                firstTotal.ifPresent(total ->
                        session.expect(total * connector.manifest().streams().size()));
            }
            previous = checkContent(paging, found, previous);
            if (!found.isEmpty()) {
                checkColumns(paging.number(), answer.page().sent(), session);
            }
            found.forEach(read::add);
            if (watermark != null) {
                watermark.see(found);
            }
            if (!paging.advance(answer.page(), answer.headers())) {
                break;
            }
            if (read.pending() >= BATCH) {
                session.stop().check();
                read.flush(session, text(at.on(paging.number())));
            }
        }
        if (read.pending() > 0) {
            read.flush(session, text(at.on(paging.number())));
        }
        boolean full = asked.isEmpty();
        Offset done = new Offset(
                at.pull(),
                paging.number(),
                true,
                session.clock().millis(),
                full ? begun.toEpochMilli() : before.full(),
                latest(before, watermark, begun));
        finish(read, done, full, paging.rows(), firstTotal, lastTotal, session);
    }

    /** What is asked for besides: the changes since the last one seen; nothing where everything is due. */
    private String asked(RestSettings.Since since, Watermark watermark, Offset before, Instant now) {
        Long latest = before.since();
        boolean due = !Instant.ofEpochMilli(before.full()).plus(fullEvery).isAfter(now);
        return latest == null || due
                ? ""
                : Paging.encode(since.parameter()) + "="
                        + Paging.encode(
                                watermark.write(Instant.ofEpochMilli(latest).minus(overlap)));
    }

    /** A row that claims to be of tomorrow must not hide what changes until then. */
    private static @Nullable Long latest(Offset before, @Nullable Watermark watermark, Instant begun) {
        Instant seen = watermark == null ? null : watermark.latest();
        if (seen == null) {
            return before.since();
        }
        long latest = (seen.isAfter(begun) ? begun : seen).toEpochMilli();
        return before.since() == null ? latest : Math.max(latest, before.since());
    }

    private void finish(
            FullRead read,
            Offset done,
            boolean full,
            long rows,
            OptionalLong first,
            OptionalLong last,
            Session session) {
        boolean whole = last.isEmpty() || (first.equals(last) && rows == last.getAsLong());
        if (whole || !full) {
            session.apply(text(done), List.of(), List.of(), full ? read.completeSets() : List.of());
            session.complete(
                    read.isWhole() || !full
                            ? null
                            : "records whose key cannot be read wait in quarantine: nothing is retired by this pull");
            return;
        }
        // The set changed while it was read: what is missing may only have moved to a page that was read before.
        session.apply(text(done), List.of(), List.of(), List.of());
        session.complete("the source announced " + first.getAsLong() + ", then " + last.getAsLong() + " rows and sent "
                + rows + ": nothing is retired by this pull");
    }

    private void checkTotal(Paging paging, OptionalLong total) {
        if (settings.totalPath() != null && total.isEmpty()) {
            throw unexpected(
                    "missing-total",
                    "page " + paging.number() + " of " + connector.id() + " has no number at " + settings.totalPath()
                            + "; correct settings.total or have the source send it");
        }
    }

    private int checkContent(Paging paging, List<@Nullable String[]> rows, int previous) {
        int hash = rows.size();
        for (String[] row : rows) {
            hash = 31 * hash + Arrays.hashCode(row);
        }
        if (!rows.isEmpty() && !paging.isFirst() && hash == previous) {
            int page = paging.number();
            throw unexpected(
                    "repeated-page",
                    "page " + page + " of " + connector.id() + " is the same as page " + (page - 1)
                            + "; the source does not heed the parameter "
                            + settings.page().parameter());
        }
        return hash;
    }

    private void checkColumns(int page, Set<String> sent, Session session) {
        for (String column : columns.names()) {
            boolean needed = !connector.manifest().isOptional(column)
                    || (settings.since() != null
                            && column.equals(settings.since().column()));
            if (needed && !sent.contains(column)) {
                throw unexpected(
                        "missing-column",
                        "no row on page " + page + " of " + connector.id() + " has \"" + column + "\"; correct "
                                + connector.manifest().file() + " or mark its fields optional: true");
            }
        }
        Set<String> unknown = columns.unasked(sent);
        if (!unknown.isEmpty()) {
            session.notice(
                    connector.id() + " sends what nobody asked for: " + String.join(", ", unknown) + "; not read");
        }
    }

    /** Applies what was read of the pull so far together with the answer that could not be read. */
    private void quarantine(int page, PageReader.Malformed e, byte[] body, FullRead read, Session session) {
        String digest = StreamMapping.digest(body);
        if (digest.equals(quarantined)) {
            return;
        }
        quarantined = digest;
        List<Rejected> rejected = new ArrayList<>();
        rejected.add(new Rejected(
                read.firstStream(),
                "page " + page + " " + digest,
                read.position(),
                e.reason(),
                null,
                "page " + page + ": " + e.message(),
                body));
        session.apply(null, List.of(), rejected, List.of());
    }

    static ConnectorException unexpected(String code, String message) {
        return new ConnectorException(ConnectorException.Kind.UNEXPECTED, code, message);
    }

    private static Offset parse(String text) {
        try {
            return JSON.readValue(text, Offset.class);
        } catch (JsonProcessingException e) {
            throw new ConnectorException(
                    ConnectorException.Kind.CONFIGURATION, "offset", "the stored offset is not one of rest-pages", e);
        }
    }

    private static String text(Offset offset) {
        try {
            return JSON.writeValueAsString(offset);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
