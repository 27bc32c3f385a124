package io.yimen.connectors;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between a client and a server of this machine, counts what the server sends, and cuts the line or lets it hang
 * when told to.
 */
public final class CuttingProxy implements AutoCloseable {
    private final ServerSocket door;
    private final int server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "proxy");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicLong passed = new AtomicLong();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile long cutAfter = Long.MAX_VALUE;
    private volatile boolean hangs;

    public CuttingProxy(int server) throws IOException {
        this.server = server;
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::open);
    }

    public int port() {
        return door.getLocalPort();
    }

    /** From now on connections are cut once the server has sent so many bytes over all of them; counts anew. */
    public void cutAfter(long bytes) {
        passed.set(0);
        hangs = false;
        cutAfter = bytes;
    }

    /** As {@link #cutAfter}, but the server falls silent and the connection stays. */
    public void hangAfter(long bytes) {
        cutAfter(bytes);
        hangs = true;
    }

    /** How many bytes the server has sent since {@link #cutAfter}. */
    public long passed() {
        return passed.get();
    }

    private void open() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server);
                threads.execute(() -> copy(client, upstream, false));
                threads.execute(() -> copy(upstream, client, true));
            } catch (IOException e) {
                // closed, or the server is away
            }
        }
    }

    private void copy(Socket from, Socket to, boolean counted) {
        byte[] block = new byte[8192];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                out.write(block, 0, n);
                out.flush();
                if (counted && passed.addAndGet(n) > cutAfter) {
                    if (hangs) {
                        closed.await();
                    }
                    return;
                }
            }
        } catch (IOException e) {
            // one of the two has gone
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        closed.countDown();
        threads.shutdownNow();
    }
}
