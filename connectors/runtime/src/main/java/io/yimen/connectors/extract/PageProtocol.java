package io.yimen.connectors.extract;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeoutException;

/** How pages are asked for and what their answers hold; what is around it is the same for all, see {@link RestPages}. */
interface PageProtocol {
    /** Sends a request, bounded in time and size. */
    interface Exchange {
        HttpResponse<byte[]> send(HttpRequest.Builder request)
                throws InterruptedException, IOException, TimeoutException;
    }

    /** Asks for the page at hand. */
    HttpResponse<byte[]> ask(Paging paging, Exchange exchange)
            throws InterruptedException, IOException, TimeoutException, PageReader.Malformed;

    /** Whether an answer of this status has something to read. */
    boolean isAnswer(int status);

    PageReader.Page read(HttpResponse<byte[]> answer) throws PageReader.Malformed;
}
