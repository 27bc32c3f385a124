package io.yimen.connectors.extract;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * {@code rest-pages}: pulls a paged resource whole, page by page, again and again. The number of the pull is the
 * position of what it says. A pull that was cut short is begun anew under a new number: pages may have shifted
 * meanwhile, and a set that was not read in one go says nothing about what is gone.
 */
final class RestPages implements Extractor {
    private static final int BATCH = 2000;
    private static final int ATTEMPTS = 4;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Connector connector;
    private final Manifest.Rest settings;
    private final Columns columns;
    private final PageReader reader;
    private final String url;
    private final Map<String, String> headers = new HashMap<>();
    private final Duration interval;
    private final Duration timeout;
    private final HttpClient http;
    /** Digest of the malformed answer that was quarantined last: the same answer again is not a new finding. */
    private String quarantined = "";

    /**
     * Where reading stands.
     *
     * @param pull number of the pull
     * @param page the next page of it
     * @param done whether the pull was read to its end
     * @param at when that was, in milliseconds: a restart does not pull before its time
     */
    record Offset(
            @JsonProperty("pull") long pull,
            @JsonProperty("page") int page,
            @JsonProperty("done") boolean done,
            @JsonProperty("at") long at) {}

    /** An answer with its bytes, for quarantine. */
    private record Answer(byte[] body, PageReader.Page page) {}

    RestPages(Connector connector, Manifest.Rest settings) {
        this.connector = connector;
        this.settings = settings;
        this.columns = Columns.of(connector.manifest().streams());
        this.reader = new PageReader(settings, columns);
        this.url = connector.parameters().getFilled(settings.url());
        checkUrl();
        settings.headers()
                .forEach((name, template) ->
                        connector.parameters().findFilled(template).ifPresent(value -> headers.put(name, value)));
        this.interval = connector.duration(settings.interval());
        this.timeout = connector.duration(settings.timeout());
        this.http = HttpClient.newBuilder()
                .connectTimeout(timeout.compareTo(Duration.ofSeconds(5)) < 0 ? timeout : Duration.ofSeconds(5))
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
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
        while (true) {
            session.stop().check();
            Offset offset =
                    session.findOffset().map(RestPages::parse).orElse(new Offset(0, settings.firstPage(), true, 0));
            Duration pause = pauseBefore(offset, session);
            if (!pause.isZero()) {
                session.waiting();
                if (session.stop().await(pause)) {
                    return;
                }
            }
            pull(offset.pull() + 1, session);
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

    private void pull(long number, Session session) throws InterruptedException {
        FullRead read = new FullRead(connector, columns, Position.of(number));
        session.openRun("pull", OptionalLong.empty());
        int streams = connector.manifest().streams().size();
        int page = settings.firstPage();
        long rows = 0;
        OptionalLong firstTotal = OptionalLong.empty();
        OptionalLong lastTotal = OptionalLong.empty();
        int previous = 0;
        while (true) {
            Answer answer = fetch(page, read, session);
            List<@Nullable String[]> found = answer.page().rows();
            lastTotal = answer.page().total();
            if (settings.totalPath() != null && lastTotal.isEmpty()) {
                throw unexpected(
                        "missing-total",
                        "page " + page + " of " + connector.id() + " has no number at " + settings.totalPath()
                                + "; correct settings.total or have the source send it");
            }
            if (page == settings.firstPage()) {
                firstTotal = lastTotal;
                firstTotal.ifPresent(total -> session.expect(total * streams));
            }
            int content = contentOf(found);
            if (!found.isEmpty() && page > settings.firstPage() && content == previous) {
                throw unexpected(
                        "repeated-page",
                        "page " + page + " of " + connector.id() + " is the same as page " + (page - 1)
                                + "; the source does not heed the parameter " + settings.pageParameter());
            }
            previous = content;
            if (!found.isEmpty()) {
                checkColumns(page, answer.page().sent(), session);
            }
            found.forEach(read::add);
            rows += found.size();
            page++;
            boolean last = found.isEmpty()
                    || (lastTotal.isPresent() ? rows >= lastTotal.getAsLong() : found.size() < settings.pageSize());
            if (last) {
                break;
            }
            if (read.pending() >= BATCH) {
                session.stop().check();
                read.flush(session, text(new Offset(number, page, false, 0)));
            }
        }
        if (read.pending() > 0) {
            read.flush(session, text(new Offset(number, page, false, 0)));
        }
        finish(read, number, page, rows, firstTotal, lastTotal, session);
    }

    private void finish(
            FullRead read, long number, int page, long rows, OptionalLong first, OptionalLong last, Session session) {
        String done = text(new Offset(number, page, true, session.clock().millis()));
        boolean whole = last.isEmpty() || (first.equals(last) && rows == last.getAsLong());
        if (whole) {
            session.apply(done, List.of(), List.of(), read.completeSets());
            session.complete(
                    read.isWhole()
                            ? null
                            : "records whose key cannot be read wait in quarantine: nothing is retired by this pull");
            return;
        }
        // The set changed while it was read: what is missing may only have moved to a page that was read before.
        session.apply(done, List.of(), List.of(), List.of());
        session.complete("the source announced " + first.getAsLong() + ", then " + last.getAsLong() + " rows and sent "
                + rows + ": nothing is retired by this pull");
    }

    private static int contentOf(List<@Nullable String[]> rows) {
        int hash = rows.size();
        for (String[] row : rows) {
            hash = 31 * hash + Arrays.hashCode(row);
        }
        return hash;
    }

    private void checkColumns(int page, Set<String> sent, Session session) {
        for (String column : columns.names()) {
            if (!sent.contains(column) && !isOptional(column)) {
                throw unexpected(
                        "missing-column",
                        "no row on page " + page + " of " + connector.id() + " has \"" + column + "\"; correct "
                                + connector.manifest().file() + " or mark its fields optional: true");
            }
        }
        Set<String> unknown = new TreeSet<>(sent);
        columns.names().forEach(unknown::remove);
        if (!unknown.isEmpty() && unknown.size() <= 20) {
            session.notice(
                    connector.id() + " sends what nobody asked for: " + String.join(", ", unknown) + "; not read");
        }
    }

    private boolean isOptional(String column) {
        return connector.manifest().streams().stream()
                .allMatch(s -> !s.key().contains(column)
                        && s.fields().stream()
                                .filter(f -> f.from().contains(column))
                                .allMatch(Manifest.FieldRule::optional));
    }

    /** One page; tries again what may be a passing fault, and quarantines an answer that stays malformed. */
    private Answer fetch(int page, FullRead read, Session session) throws InterruptedException {
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            session.stop().check();
            byte[] body = null;
            ConnectorException failure;
            Duration wait = pause;
            try {
                HttpResponse<byte[]> response = send(page, session);
                int status = response.statusCode();
                if (status == 200) {
                    body = response.body();
                    PageReader.Page parsed = reader.read(body);
                    checkOk(page, parsed.ok());
                    return new Answer(body, parsed);
                }
                failure = refused(page, status);
                if (status != 429 && status != 408 && status < 500) {
                    throw failure;
                }
                wait = retryAfter(response, session).orElse(pause);
            } catch (PageReader.Malformed e) {
                failure = unexpected(
                        e.reason(),
                        "page " + page + " of " + connector.id() + ": " + e.message()
                                + "; the run ends here and begins anew, nothing is lost");
                if (attempt >= ATTEMPTS) {
                    quarantine(page, e, java.util.Objects.requireNonNull(body), read, session);
                }
            } catch (TimeoutException e) {
                failure = unreachable("timeout", "page " + page + " did not come within " + timeout, e);
            } catch (IOException e) {
                failure = unreachable(
                        "connection",
                        "page " + page + " could not be fetched: "
                                + e.getClass().getSimpleName(),
                        e);
            }
            if (attempt >= ATTEMPTS) {
                throw failure;
            }
            if (session.stop().await(wait)) {
                session.stop().check();
            }
            pause = pause.multipliedBy(2);
        }
    }

    private HttpResponse<byte[]> send(int page, Session session)
            throws InterruptedException, IOException, TimeoutException {
        String query = encode(settings.pageParameter()) + "=" + page + "&" + encode(settings.sizeParameter()) + "="
                + settings.pageSize();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + (url.contains("?") ? "&" : "?") + query))
                .timeout(timeout)
                .header("Accept", settings.xml() ? "application/xml" : "application/json")
                .GET();
        headers.forEach(request::header);
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(request.build(), info -> new LimitedBody(settings.maxBytes()));
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            while (true) {
                try {
                    return answer.get(200, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    session.stop().check();
                    if (System.nanoTime() - deadline > 0) {
                        throw e;
                    }
                }
            }
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof LimitedBody.TooLarge) {
                throw unexpected(
                        "answer-too-large",
                        "page " + page + " of " + connector.id() + " is larger than " + settings.maxBytes()
                                + " bytes; ask for smaller pages or raise settings.maxBytes");
            }
            if (cause instanceof java.net.http.HttpTimeoutException) {
                throw new TimeoutException();
            }
            throw cause instanceof IOException io ? io : new IOException(cause);
        } finally {
            answer.cancel(true);
        }
    }

    private void checkOk(int page, Optional<String> ok) {
        if (settings.okPath() != null && !ok.orElse("").equals(settings.okValue())) {
            throw unexpected(
                    "not-ok",
                    "page " + page + " of " + connector.id() + " does not say " + settings.okPath() + " = "
                            + settings.okValue() + "; ask the owner of the source");
        }
    }

    private ConnectorException refused(int page, int status) {
        String what = "page " + page + " of " + connector.id() + " was answered with HTTP " + status;
        if (status >= 300 && status < 400) {
            return unexpected("redirect", what + "; redirects are not followed, set base-url to the right address");
        }
        if (status == 401 || status == 403) {
            return unexpected("refused", what + "; check its key in the configuration");
        }
        if (status == 429 || status == 408 || status >= 500) {
            return unreachable("http-" + status, what, null);
        }
        return unexpected(
                "http-" + status,
                what + "; check base-url and " + connector.manifest().file());
    }

    private static Optional<Duration> retryAfter(HttpResponse<?> response, Session session) {
        return response.headers().firstValue("Retry-After").flatMap(text -> {
            try {
                Duration wait = text.matches("\\d{1,6}")
                        ? Duration.ofSeconds(Long.parseLong(text))
                        : Duration.between(
                                session.clock().instant(),
                                ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                                        .toInstant());
                Duration positive = wait.isNegative() ? Duration.ZERO : wait;
                return Optional.of(positive.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : positive);
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        });
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

    private ConnectorException unreachable(String code, String message, @Nullable Throwable cause) {
        return new ConnectorException(
                ConnectorException.Kind.UNREACHABLE,
                code,
                connector.id() + ": " + message + "; trying again later",
                cause);
    }

    private static ConnectorException unexpected(String code, String message) {
        return new ConnectorException(ConnectorException.Kind.UNEXPECTED, code, message);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
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
