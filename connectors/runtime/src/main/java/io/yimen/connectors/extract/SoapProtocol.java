package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.soap.Envelope;
import io.yimen.connectors.soap.Wsdl;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;

/**
 * Pages by SOAP, 1.1 or 1.2 as the service's WSDL says. That is read at the first page of every pull, so that a service
 * that was made anew is noticed; the call itself goes where the configuration says, whatever the WSDL has as address.
 */
final class SoapProtocol implements PageProtocol {
    private final Connector connector;
    private final Manifest.Soap settings;
    private final PageReader reader;
    private final URI url;
    private final URI wsdl;
    private final SecureRandom random = new SecureRandom();
    private Wsdl.@Nullable Operation operation;

    SoapProtocol(Connector connector, Manifest.Soap settings, Columns columns) {
        this.connector = connector;
        this.settings = settings;
        this.reader = new PageReader(settings.pages(), columns);
        this.url = URI.create(connector.parameters().getFilled(settings.pages().url()));
        this.wsdl = URI.create(connector.parameters().getFilled(settings.wsdl()));
    }

    @Override
    public HttpResponse<byte[]> ask(Paging paging, Exchange exchange)
            throws InterruptedException, IOException, TimeoutException, PageReader.Malformed {
        Wsdl.Operation known = operation;
        if (known == null || paging.isFirst()) {
            known = describe(exchange);
            operation = known;
        }
        String call = Envelope.call(known, arguments(paging.number()), token());
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url).POST(HttpRequest.BodyPublishers.ofString(call, StandardCharsets.UTF_8));
        if (known.soap12()) {
            request.header("Content-Type", "application/soap+xml; charset=UTF-8; action=\"" + known.action() + "\"");
        } else {
            request.header("Content-Type", "text/xml; charset=UTF-8")
                    .header("SOAPAction", "\"" + known.action() + "\"");
        }
        return exchange.send(request);
    }

    private Map<String, String> arguments(int page) {
        Map<String, String> arguments = new LinkedHashMap<>();
        settings.arguments()
                .forEach((name, template) -> arguments.put(
                        name,
                        template.replace("{page}", Integer.toString(page))
                                .replace(
                                        "{size}",
                                        Integer.toString(settings.pages().page().size()))));
        return arguments;
    }

    private Envelope.@Nullable Token token() {
        Manifest.Soap.Token token = settings.token();
        if (token == null) {
            return null;
        }
        byte[] nonce = new byte[16];
        random.nextBytes(nonce);
        return new Envelope.Token(
                connector.parameters().getFilled(token.username()),
                connector.parameters().getFilled(token.password()),
                token.digested(),
                nonce,
                Clock.systemUTC().instant());
    }

    /** What may go wrong with a part of the WSDL, carried through its reading. */
    private static final class NotFetched extends Exception {
        private static final long serialVersionUID = 1L;

        NotFetched(Exception cause) {
            super(cause);
        }
    }

    private Wsdl.Operation describe(Exchange exchange)
            throws InterruptedException, IOException, TimeoutException, PageReader.Malformed {
        try {
            return Wsdl.read(wsdl, address -> fetched(address, exchange))
                    .getOperation(settings.operation(), settings.version());
        } catch (Wsdl.Unfit e) {
            throw unexpected(e.code(), "the WSDL of " + connector.id() + ": " + e.message());
        } catch (NotFetched e) {
            Throwable cause = e.getCause();
            if (cause instanceof InterruptedException interrupted) {
                throw interrupted;
            }
            if (cause instanceof TimeoutException timeout) {
                throw timeout;
            }
            throw cause instanceof IOException io ? io : new IOException(cause);
        }
    }

    private String fetched(URI address, Exchange exchange) throws NotFetched {
        HttpResponse<byte[]> answer;
        try {
            answer = exchange.send(HttpRequest.newBuilder(address).GET());
        } catch (InterruptedException | IOException | TimeoutException e) {
            throw new NotFetched(e);
        }
        if (answer.statusCode() >= 500 || answer.statusCode() == 429) {
            throw new NotFetched(new IOException("HTTP " + answer.statusCode()));
        }
        if (answer.statusCode() != 200) {
            throw unexpected(
                    "missing-wsdl",
                    "the WSDL of " + connector.id() + " was answered with HTTP " + answer.statusCode()
                            + "; check settings.wsdl");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(answer.body()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw unexpected("malformed-wsdl", "the WSDL of " + connector.id() + " is not UTF-8");
        }
    }

    /** Faults come with 500, and from some services with 200. */
    @Override
    public boolean isAnswer(int status) {
        return status == 200 || status == 500;
    }

    @Override
    public PageReader.Page read(HttpResponse<byte[]> answer) throws PageReader.Malformed {
        String text = reader.decode(answer.body());
        Optional<Envelope.Fault> fault = Envelope.fault(text);
        if (fault.isPresent()) {
            throw failed(fault.get());
        }
        if (answer.statusCode() != 200) {
            throw new ConnectorException(
                    ConnectorException.Kind.UNREACHABLE,
                    "http-" + answer.statusCode(),
                    connector.id() + ": answered with HTTP " + answer.statusCode()
                            + " and no fault; trying again later");
        }
        String payload = settings.payloadPath();
        if (payload == null) {
            return reader.read(text);
        }
        try {
            return reader.read(Envelope.textAt(text, payload)
                    .orElseThrow(
                            () -> new PageReader.Malformed("malformed-xml", "the answer has no element at " + payload))
                    .strip());
        } catch (XMLStreamException e) {
            throw new PageReader.Malformed("malformed-xml", "the answer is no well-formed XML");
        }
    }

    private ConnectorException failed(Envelope.Fault fault) {
        String what = connector.id() + ": the service says " + fault.code() + ": " + fault.text();
        if (fault.isRefusal()) {
            return unexpected("refused", what + "; check username and password in the configuration");
        }
        return fault.isPassing()
                ? new ConnectorException(
                        ConnectorException.Kind.UNREACHABLE, "soap-fault", what + "; trying again later")
                : unexpected("soap-fault", what + "; check settings.operation and settings.arguments");
    }

    private static ConnectorException unexpected(String code, String message) {
        return new ConnectorException(ConnectorException.Kind.UNEXPECTED, code, message);
    }
}
