package io.yimen.hub.push;

import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.yimen.api.model.PushOutcome;
import io.yimen.api.model.PushReceipt;
import io.yimen.api.model.PushReceipts;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.Connectors;
import io.yimen.connectors.extract.PushInbox;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.push.CloudEvent;
import io.yimen.connectors.push.CloudEventReader;
import io.yimen.connectors.push.Receipt;
import io.yimen.connectors.push.Sender;
import io.yimen.connectors.push.Unreadable;
import io.yimen.hub.http.BodyLimit;
import io.yimen.hub.http.ProblemCode;
import io.yimen.hub.http.ProblemException;
import io.yimen.hub.ingest.Ingest;
import jakarta.annotation.security.PermitAll;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Takes in events, and answers once they are durable. By hand, not by the contract's interface: a body has one of three
 * forms, and is not read before its sender has shown the token. No header goes any further than here, but those of the
 * event itself.
 */
@ApplicationScoped
@Path("/push")
public class PushResource {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration LATER = Duration.ofSeconds(5);
    private static final String ATTRIBUTE = "ce-";

    private final Ingest ingest;
    private final Clock clock;

    PushResource(Ingest ingest, Clock clock) {
        this.ingest = ingest;
        this.clock = clock;
    }

    @POST
    @Path("/{connector}")
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    @PermitAll
    @Blocking
    public Uni<PushReceipts> pushEvents(
            @PathParam("connector") String id, @Context HttpHeaders headers, InputStream stream) {
        if (!ingest.isStarted()) {
            throw later("The hub is starting");
        }
        Connectors connectors = ingest.connectors().orElseThrow(PushResource::unknownSender);
        Connector connector = connectors.find(id).orElseThrow(PushResource::unknownSender);
        if (!(connector.manifest().settings() instanceof Manifest.Push settings)) {
            throw unknownSender();
        }
        Sender sender = new Sender(connector, settings);
        if (!sender.isSigning() && !sender.shows(header(headers, HttpHeaders.AUTHORIZATION))) {
            throw unknownSender();
        }
        Map<String, String> attributes = attributes(headers);
        byte[] body = body(stream, settings.maxBytes());
        if (sender.isSigning()
                && !sender.signed(
                        header(headers, "Yimen-Timestamp"),
                        header(headers, "Yimen-Signature"),
                        attributes,
                        body,
                        clock)) {
            throw unknownSender();
        }
        List<CloudEvent> events = events(settings, headers, attributes, body);
        PushInbox inbox = connectors.findInbox(id).orElseThrow(() -> later("The connector is starting"));
        return answer(put(inbox, events));
    }

    private static Uni<PushReceipts> answer(CompletableFuture<List<Receipt>> receipts) {
        return Uni.createFrom()
                .completionStage(receipts)
                // The connector's own thread goes on with what is next.
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .ifNoItem()
                .after(PATIENCE)
                .recoverWithUni(() -> {
                    // Who waits no longer is not served any more; what was begun may still come to its end.
                    receipts.cancel(false);
                    return Uni.createFrom().failure(later("The pool does not answer"));
                })
                .onFailure(e -> !(e instanceof ProblemException))
                .transform(e -> later("The events could not be applied just now"))
                .map(PushResource::wire);
    }

    private static CompletableFuture<List<Receipt>> put(PushInbox inbox, List<CloudEvent> events) {
        try {
            return inbox.put(events);
        } catch (ConnectorException e) {
            if (e.code().equals(PushInbox.BUSY)) {
                throw new ProblemException(ProblemCode.BUSY, "Too many events wait already", "Send the same again")
                        .retryAfter(LATER);
            }
            throw later("The connector takes no events just now");
        }
    }

    private static List<CloudEvent> events(
            Manifest.Push settings, HttpHeaders headers, Map<String, String> attributes, byte[] body) {
        try {
            return new CloudEventReader(settings.maxBytes(), settings.maxEvents())
                    .read(header(headers, HttpHeaders.CONTENT_TYPE), attributes, body);
        } catch (Unreadable e) {
            throw switch (e.kind()) {
                case MEDIA_TYPE ->
                    new ProblemException(
                            ProblemCode.UNSUPPORTED_MEDIA_TYPE, "The body is of no form of CloudEvents", e.message());
                case BODY -> new ProblemException(ProblemCode.INVALID_BODY, e.message(), "Send CloudEvents 1.0");
            };
        }
    }

    private static byte[] body(InputStream stream, int maxBytes) {
        try {
            byte[] body = stream.readNBytes(maxBytes + 1);
            if (body.length > maxBytes) {
                throw BodyLimit.problem(maxBytes);
            }
            return body;
        } catch (BodyLimit.Exceeded e) {
            throw e.problem();
        } catch (IOException e) {
            throw new ProblemException(ProblemCode.INVALID_BODY, "The body broke off", "Send the same again");
        }
    }

    /** The attributes of binary mode: percent-encoded, as the binding says. */
    private static Map<String, String> attributes(HttpHeaders headers) {
        Map<String, String> attributes = new HashMap<>();
        headers.getRequestHeaders().forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!lower.startsWith(ATTRIBUTE)) {
                return;
            }
            if (values.size() != 1) {
                throw new ProblemException(
                        ProblemCode.INVALID_REQUEST, "An attribute comes more than once", "Send each header once");
            }
            attributes.put(lower.substring(ATTRIBUTE.length()), decoded(values.get(0)));
        });
        return attributes;
    }

    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                    ProblemCode.INVALID_REQUEST, "An attribute is not encoded as it should be", "Encode % as %25");
        }
    }

    private static String header(HttpHeaders headers, String name) {
        @Nullable String value = headers.getHeaderString(name);
        return value == null ? "" : value;
    }

    /** The same for a connector that is not there: nobody learns which there are. */
    private static ProblemException unknownSender() {
        return new ProblemException(
                ProblemCode.UNAUTHENTICATED,
                "The request shows no valid token of such a connector, or carries no valid and young signature",
                "Check the connector's secret, what was signed, and the sender's clock");
    }

    private static ProblemException later(String what) {
        return new ProblemException(ProblemCode.UNAVAILABLE, what, "Send the same again").retryAfter(LATER);
    }

    private static PushReceipts wire(List<Receipt> receipts) {
        return new PushReceipts()
                .receipts(receipts.stream()
                        .map(r -> new PushReceipt()
                                .id(r.id())
                                .outcome(PushOutcome.fromValue(r.outcome().name()))
                                .reason(r.reason())
                                .message(r.message()))
                        .toList());
    }
}
