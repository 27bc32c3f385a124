package io.yimen.testkit.systems;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.yimen.connectors.extract.PushInbox;
import io.yimen.connectors.push.CloudEvent;
import io.yimen.connectors.push.CloudEventReader;
import io.yimen.connectors.push.Receipt;
import io.yimen.connectors.push.Unreadable;
import io.yimen.simulators.Door;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Requests over HTTP that go wrong, to a gate before an inbox: half a request, one that announces more or less than it
 * sends, one whose answer breaks off after the commit, and then a whole one. As at the hub's own door only what has come
 * whole goes into the inbox, and the answer comes after the commit.
 */
final class RudeRequests implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 20;
    private static final String TYPE = "application/cloudevents-batch+json";

    /** How a request goes wrong. */
    private enum Manner {
        HALF,
        TOO_LONG,
        TOO_SHORT,
        UNHEARD,
        WHOLE
    }

    /** Where events go at the moment. */
    interface Inbox {
        /** The one that is open; null if none is. */
        @Nullable
        PushInbox find();
    }

    private final Inbox inbox;
    private final CloudEventReader reader = new CloudEventReader(1 << 20, 500);
    private final Door door = new Door();
    private final HttpServer gate;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "rude-requests");
        thread.setDaemon(true);
        return thread;
    });
    private final Deque<Manner> left = new ArrayDeque<>(List.of(Manner.values()));
    private final AtomicInteger committed = new AtomicInteger();

    RudeRequests(Inbox inbox) {
        this.inbox = inbox;
        try {
            gate = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        gate.setExecutor(threads);
        gate.createContext("/", this::take);
        gate.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String length = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Length"));
            PushInbox open = inbox.find();
            if (open == null || !length.equals(Integer.toString(body.length))) {
                exchange.sendResponseHeaders(400, -1);
                return;
            }
            List<CloudEvent> events = reader.read(TYPE, Map.of(), body);
            List<Receipt> receipts = open.put(events).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            committed.incrementAndGet();
            exchange.sendResponseHeaders(receipts.size() == events.size() ? 200 : 500, -1);
        } catch (Unreadable e) {
            exchange.sendResponseHeaders(400, -1);
        } catch (ExecutionException | TimeoutException e) {
            exchange.sendResponseHeaders(503, -1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends the same events once more, in the next manner; whether they were taken, as far as their sender knows. */
    CompletableFuture<Boolean> send(List<String> events) {
        Manner manner = left.size() > 1 ? left.remove() : left.element();
        byte[] body = ("[" + String.join(",", events) + "]").getBytes(StandardCharsets.UTF_8);
        return CompletableFuture.supplyAsync(() -> isTaken(manner, body), threads);
    }

    private boolean isTaken(Manner manner, byte[] body) {
        int announced = switch (manner) {
            case TOO_LONG -> body.length + 100;
            case TOO_SHORT -> body.length / 2;
            case HALF, UNHEARD, WHOLE -> body.length;
        };
        byte[] head = ("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: " + TYPE
                        + "\r\nContent-Length: " + announced + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        int port = door.portTo(gate.getAddress().getPort());
        if (manner == Manner.HALF) {
            door.breakOff(Door.Side.CLIENT, Door.End.CLOSED, head.length + body.length / 2, 1);
        } else if (manner == Manner.UNHEARD) {
            door.breakOff(Door.Side.SERVER, Door.End.RESET, 0, 1);
        }
        int before = committed.get();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(2 * PATIENCE_SECONDS));
            OutputStream out = socket.getOutputStream();
            out.write(head);
            out.write(body);
            out.flush();
            if (manner == Manner.TOO_LONG) {
                // Only here: the door takes the end of what one side sends for the end of both.
                socket.shutdownOutput();
            }
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return answer.startsWith("HTTP/1.1 200 ");
        } catch (IOException e) {
            return false;
        } finally {
            if (manner == Manner.UNHEARD && committed.get() == before) {
                left.addFirst(Manner.UNHEARD);
            }
        }
    }

    /** Whether there was a request of every manner, the one whose answer got lost being committed. */
    boolean isThrough() {
        return left.size() == 1 && committed.get() > 1;
    }

    @Override
    public void close() {
        gate.stop(0);
        door.close();
        threads.shutdownNow();
    }
}
