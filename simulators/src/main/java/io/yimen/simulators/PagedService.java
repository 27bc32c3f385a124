package io.yimen.simulators;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A list of rows behind a paged HTTP address; what the two services have in common. Thread-safe. */
final class PagedService implements AutoCloseable {
    /** How a service words its pages. */
    interface Wording {
        String body(List<Map<String, String>> rows, int total, int page, int size);

        Charset charset();

        String contentType();
    }

    /**
     * What tells one service from another.
     *
     * @param path where the list is
     * @param pageParameter name of the parameter with the page's number, from 1
     * @param sizeParameter name of the parameter with the page's size
     * @param largest the largest size that is served
     * @param key name of the field that identifies a row
     * @param name name of the field that faults spoil
     */
    record Shape(String path, String pageParameter, String sizeParameter, int largest, String key, String name) {}

    private final Shape shape;
    private final Wording wording;
    private final Faults faults = new Faults();
    private final Map<String, Map<String, String>> rows = new LinkedHashMap<>();
    private final String apiKey;
    private final LoopbackHttp http;

    PagedService(Shape shape, Wording wording, List<Map<String, String>> rows, String apiKey) {
        this.shape = shape;
        this.wording = wording;
        this.apiKey = apiKey;
        this.http = new LoopbackHttp(shape.path, this::answer);
        rows.forEach(row -> this.rows.put(key(row), row));
    }

    void start() {
        http.start();
    }

    void stop() {
        http.stop();
    }

    @Override
    public void close() {
        http.close();
    }

    String baseUrl() {
        return http.baseUrl();
    }

    Faults faults() {
        return faults;
    }

    synchronized List<Map<String, String>> rows() {
        return rows.values().stream()
                .map(row -> (Map<String, String>) new LinkedHashMap<>(row))
                .toList();
    }

    synchronized void put(Map<String, String> row) {
        rows.put(key(row), new LinkedHashMap<>(row));
    }

    synchronized void remove(String key) {
        rows.remove(key);
    }

    private String key(Map<String, String> row) {
        String key = row.get(shape.key);
        if (key == null) {
            throw new SimulatorException("A row has no " + shape.key);
        }
        return key;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try {
            if (!apiKey.isEmpty() && !apiKey.equals(exchange.getRequestHeaders().getFirst("X-Api-Key"))) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            if (!exchange.getRequestURI().getPath().equals(shape.path)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            int page = LoopbackHttp.number(exchange, shape.pageParameter, 1);
            int size = Math.min(LoopbackHttp.number(exchange, shape.sizeParameter, 100), shape.largest);
            if (page < 1 || size < 1) {
                exchange.sendResponseHeaders(400, -1);
                return;
            }
            Fault fault = faults.take(page).orElse(new Fault.Delay(java.time.Duration.ZERO));
            send(exchange, page, size, fault);
        } finally {
            exchange.close();
        }
    }

    private void send(HttpExchange exchange, int page, int size, Fault fault) throws IOException {
        if (fault instanceof Fault.Status status) {
            if (!status.retryAfter().isEmpty()) {
                exchange.getResponseHeaders().set("Retry-After", status.retryAfter());
            }
            exchange.sendResponseHeaders(status.code(), -1);
            return;
        }
        if (fault instanceof Fault.Delay delay) {
            await(delay);
        }
        byte[] body = body(page, size, fault);
        exchange.getResponseHeaders().set("Content-Type", wording.contentType());
        int announced = body.length;
        int sent = body.length;
        if (fault instanceof Fault.Cut cut) {
            sent = Math.min(sent, cut.bytes());
        } else if (fault instanceof Fault.Truncated truncated) {
            sent = Math.min(sent, truncated.bytes());
            announced = sent;
        }
        exchange.sendResponseHeaders(200, announced == 0 ? -1 : announced);
        OutputStream out = exchange.getResponseBody();
        out.write(body, 0, sent);
        out.flush();
        if (sent < announced) {
            // The server closes a connection whose handler fails; closing the body would wait for the rest of it.
            throw new IOException("Cut on purpose");
        }
        out.close();
    }

    private byte[] body(int page, int size, Fault fault) {
        if (fault instanceof Fault.Body other) {
            return other.text().getBytes(wording.charset());
        }
        int from = fault instanceof Fault.RepeatPage repeat ? repeat.page() : page;
        List<Map<String, String>> all;
        synchronized (this) {
            all = new ArrayList<>(rows.values());
        }
        int start = (int) Math.min(all.size(), (from - 1L) * size);
        int end = (int) Math.min(all.size(), (long) from * size);
        List<Map<String, String>> some = new ArrayList<>();
        all.subList(start, end).forEach(row -> some.add(new LinkedHashMap<>(row)));
        if (!some.isEmpty()) {
            Map<String, String> first = some.get(0);
            if (fault instanceof Fault.DuplicateKey) {
                some.add(1, new LinkedHashMap<>(first));
            } else if (fault instanceof Fault.HugeRow huge) {
                first.put(shape.name, "村".repeat(huge.characters()));
            } else if (fault instanceof Fault.Nul) {
                first.merge(shape.name, "", (name, nothing) -> name + "\0");
            } else if (fault instanceof Fault.UnknownField unknown) {
                some.forEach(row -> row.put(unknown.name(), "1"));
            }
        }
        Charset charset = fault instanceof Fault.WrongCharset wrong ? wrong.charset() : wording.charset();
        return wording.body(some, all.size(), page, size).getBytes(charset);
    }

    private static void await(Fault.Delay delay) {
        try {
            new CompletableFuture<Void>().get(delay.by().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // What was waited for.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
