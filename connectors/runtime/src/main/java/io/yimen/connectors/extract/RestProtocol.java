package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.manifest.RestSettings;
import io.yimen.connectors.mapping.Columns;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** Pages by GET. */
final class RestProtocol implements PageProtocol {
    private final RestSettings settings;
    private final PageReader reader;
    private final Map<String, String> headers = new HashMap<>();

    RestProtocol(Connector connector, RestSettings settings, Columns columns) {
        this.settings = settings;
        this.reader = new PageReader(settings, columns);
        settings.headers()
                .forEach((name, template) ->
                        connector.parameters().findFilled(template).ifPresent(value -> headers.put(name, value)));
    }

    @Override
    public HttpResponse<byte[]> ask(Paging paging, Exchange exchange)
            throws InterruptedException, IOException, TimeoutException {
        HttpRequest.Builder request = HttpRequest.newBuilder(paging.address())
                .header("Accept", settings.xml() ? "application/xml" : "application/json")
                .GET();
        headers.forEach(request::header);
        return exchange.send(request);
    }

    @Override
    public boolean isAnswer(int status) {
        return status == 200;
    }

    @Override
    public PageReader.Page read(HttpResponse<byte[]> answer) throws PageReader.Malformed {
        return reader.read(reader.decode(answer.body()));
    }
}
