package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.RestSettings;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Fetches pages: bounded in time and size, again where it may be a passing fault, and from no other host. */
final class PageClient {
    private static final int ATTEMPTS = 4;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    private final Connector connector;
    private final RestSettings settings;
    private final PageProtocol protocol;
    private final Duration timeout;
    private final HttpClient http;

    /** A page with the headers that it came with. */
    record Answer(PageReader.Page page, HttpHeaders headers) {}

    /** Is told of an answer that stays malformed. */
    interface Waste {
        void malformed(PageReader.Malformed why, byte[] body);
    }

    PageClient(Connector connector, RestSettings settings, PageProtocol protocol) {
        this.connector = connector;
        this.settings = settings;
        this.protocol = protocol;
        this.timeout = connector.duration(settings.timeout());
        this.http = HttpClient.newBuilder()
                .connectTimeout(timeout.compareTo(Duration.ofSeconds(5)) < 0 ? timeout : Duration.ofSeconds(5))
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    /** One page; tries again what may be a passing fault, a malformed answer among it. */
    Answer fetch(Paging paging, Session session, Waste waste) throws InterruptedException {
        int page = paging.number();
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            session.stop().check();
            byte[] body = null;
            ConnectorException failure;
            Duration wait = pause;
            try {
                HttpResponse<byte[]> response = protocol.ask(paging, request -> send(request, page, session));
                int status = response.statusCode();
                if (protocol.isAnswer(status)) {
                    body = response.body();
                    PageReader.Page parsed = protocol.read(response);
                    checkOk(page, parsed.ok());
                    return new Answer(parsed, response.headers());
                }
                failure = refused(page, status);
                if (status != 429 && status != 408 && status < 500) {
                    throw failure;
                }
                wait = retryAfter(response, session).orElse(pause);
            } catch (ConnectorException e) {
                if (e.kind() != ConnectorException.Kind.UNREACHABLE) {
                    throw e;
                }
                failure = e;
            } catch (PageReader.Malformed e) {
                failure = RestPages.unexpected(
                        e.reason(),
                        "page " + page + " of " + connector.id() + ": " + e.message()
                                + "; the run ends here and begins anew, nothing is lost");
                if (attempt >= ATTEMPTS && body != null) {
                    waste.malformed(e, body);
                }
            } catch (TimeoutException e) {
                failure = unreachable("timeout", "page " + page + " did not come within " + timeout, e);
            } catch (IOException e) {
                CertificateFault fault = CertificateFault.find(e).orElse(null);
                if (fault != null) {
                    throw certificate(fault, e);
                }
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

    private HttpResponse<byte[]> send(HttpRequest.Builder request, int page, Session session)
            throws InterruptedException, IOException, TimeoutException {
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(request.timeout(timeout).build(), info -> new LimitedBody(settings.maxBytes()));
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
                throw RestPages.unexpected(
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
            throw RestPages.unexpected(
                    "not-ok",
                    "page " + page + " of " + connector.id() + " does not say " + settings.okPath() + " = "
                            + settings.okValue() + "; ask the owner of the source");
        }
    }

    private ConnectorException refused(int page, int status) {
        String what = "page " + page + " of " + connector.id() + " was answered with HTTP " + status;
        if (status >= 300 && status < 400) {
            return RestPages.unexpected(
                    "redirect", what + "; redirects are not followed, set base-url to the right address");
        }
        if (status == 401 || status == 403) {
            return RestPages.unexpected("refused", what + "; check its key in the configuration");
        }
        if (status == 429 || status == 408 || status >= 500) {
            return unreachable("http-" + status, what, null);
        }
        return RestPages.unexpected(
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

    private ConnectorException certificate(CertificateFault fault, IOException e) {
        return new ConnectorException(
                ConnectorException.Kind.UNEXPECTED,
                fault.code(),
                "the certificate of the server of " + connector.id() + " " + fault.text() + "; " + fault.remedy()
                        + (fault == CertificateFault.SIGNER ? ", and have Java trust them" : ""),
                e);
    }

    private ConnectorException unreachable(String code, String message, @Nullable Throwable cause) {
        return new ConnectorException(
                ConnectorException.Kind.UNREACHABLE,
                code,
                connector.id() + ": " + message + "; trying again later",
                cause);
    }
}
