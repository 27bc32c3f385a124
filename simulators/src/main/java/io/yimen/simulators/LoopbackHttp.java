package io.yimen.simulators;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** An HTTP server of this machine that can be stopped and started again where it was. Thread-safe. */
final class LoopbackHttp implements AutoCloseable {
    private final String path;
    private final HttpHandler handler;
    private int port;
    private @Nullable HttpServer server;
    private @Nullable ExecutorService threads;

    LoopbackHttp(String path, HttpHandler handler) {
        this.path = path;
        this.handler = handler;
    }

    synchronized void start() {
        if (server != null) {
            return;
        }
        try {
            HttpServer http = bound(port);
            ExecutorService pool = Executors.newFixedThreadPool(4, task -> {
                Thread thread = new Thread(task, "simulated-service");
                thread.setDaemon(true);
                return thread;
            });
            http.setExecutor(pool);
            http.createContext(path, handler);
            http.start();
            server = http;
            threads = pool;
            port = http.getAddress().getPort();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot listen on 127.0.0.1:" + port, e);
        }
    }

    /** Listens on the port, or on another one if somebody else has it by now. */
    private static HttpServer bound(int port) throws IOException {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (BindException e) {
            if (port == 0) {
                throw e;
            }
            return bound(0);
        }
    }

    synchronized void stop() {
        HttpServer http = server;
        ExecutorService pool = threads;
        server = null;
        threads = null;
        if (http != null) {
            http.stop(0);
        }
        if (pool != null) {
            pool.shutdownNow();
        }
    }

    @Override
    public void close() {
        stop();
    }

    synchronized String baseUrl() {
        return "http://127.0.0.1:" + port;
    }

    /** A parameter of a request's query. */
    static Optional<String> parameter(HttpExchange exchange, String name) {
        String query = exchange.getRequestURI().getRawQuery();
        for (String pair : query == null ? new String[0] : query.split("&")) {
            int at = pair.indexOf('=');
            if (at > 0 && decoded(pair.substring(0, at)).equals(name)) {
                return Optional.of(decoded(pair.substring(at + 1)));
            }
        }
        return Optional.empty();
    }

    /** As {@link #parameter}; -1 for what is no number. */
    static int number(HttpExchange exchange, String name, int otherwise) {
        try {
            return parameter(exchange, name).map(Integer::parseInt).orElse(otherwise);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
