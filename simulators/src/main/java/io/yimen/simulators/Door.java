package io.yimen.simulators;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stands between a client and ports of this machine, and can be shut, slow, or break connections off in their middle.
 * Whoever comes through it sees one port of this machine for each port behind it. Thread-safe.
 */
public final class Door implements AutoCloseable {
    /** How a connection ends that is broken off. */
    public enum End {
        /** As if the other side had closed it: all that was sent before has come. */
        CLOSED,
        /** At once, by a reset. */
        RESET,
        /** Not at all: it stays, and nothing comes through it any more, in either direction. */
        SILENT
    }

    /** Whose bytes are counted until a connection is broken off. */
    public enum Side {
        SERVER,
        CLIENT
    }

    private static final Pattern ADDRESS = Pattern.compile("(127\\.0\\.0\\.1|localhost):(\\d{1,5})");
    private static final int LARGEST_PIECE = 64 * 1024;
    private static final int SLOW_PIECE = 8 * 1024;
    private static final long SLOW_START_MILLIS = 300;
    private static final Break NONE = new Break(Side.SERVER, End.CLOSED, Long.MAX_VALUE);

    private final List<Passage> passages = new ArrayList<>();
    private final AtomicLong passed = new AtomicLong();
    private final AtomicLong most = new AtomicLong();
    private Break coming = NONE;
    /** How many connections are still to be broken off. */
    private int left;
    /** How the whole line is to be cut, and whether it has been. */
    private volatile Break line = NONE;

    private volatile boolean cut;
    /** Bytes a second in each direction of a connection; 0: as fast as they come. */
    private volatile long pace;

    /** When and how a connection is broken off. */
    private record Break(Side side, End end, long after) {}

    /** The text with every address of this machine in it replaced by one that leads through the door. */
    public synchronized String through(String text) {
        Matcher matcher = ADDRESS.matcher(text);
        StringBuilder replaced = new StringBuilder();
        while (matcher.find()) {
            int port = portTo(Integer.parseInt(matcher.group(2)));
            matcher.appendReplacement(replaced, matcher.group(1) + ":" + port);
        }
        return matcher.appendTail(replaced).toString();
    }

    /** As {@link #through(String)} for every value, e.g. of {@link LegacySystem#keys}. */
    public Map<String, String> through(Map<String, String> keys) {
        Map<String, String> replaced = new TreeMap<>();
        keys.forEach((key, value) -> replaced.put(key, through(value)));
        return replaced;
    }

    /** The port of this machine by which one comes through the door to another one. */
    public synchronized int portTo(int target) {
        for (Passage passage : passages) {
            if (passage.target == target) {
                return passage.port;
            }
        }
        Passage passage = new Passage(target);
        passage.open();
        passages.add(passage);
        return passage.port;
    }

    /** Whether it leads anywhere. */
    public synchronized boolean isUsed() {
        return !passages.isEmpty();
    }

    /** From now on everything comes through as it is. Connections that had fallen silent are reset. */
    public synchronized void open() {
        coming = NONE;
        left = 0;
        line = NONE;
        cut = false;
        pace = 0;
        passages.forEach(Passage::open);
        passages.forEach(Passage::resetSilent);
    }

    /** Nobody comes through, and whoever is inside is thrown out. */
    public synchronized void shut() {
        passages.forEach(Passage::shut);
    }

    /** Everything takes its time: no more than so many bytes a second in each direction of a connection. */
    public synchronized void slow(long bytesPerSecond) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("a line carries something");
        }
        pace = bytesPerSecond;
    }

    /**
     * The next connections are broken off once one side has sent so many bytes, which come through; with 0, when it sends
     * its first one.
     */
    public synchronized void breakOff(Side side, End end, long after, int connections) {
        coming = new Break(side, end, after);
        left = connections;
    }

    /**
     * The line is cut once a server has sent so many bytes over one connection, or its next one where that has sent more
     * already: all connections end then, and so do new ones as soon as they are made, until it is {@link #open}.
     */
    public synchronized void cut(End end, long after) {
        line = new Break(Side.SERVER, end, after);
    }

    private synchronized void fall() {
        if (line.equals(NONE) || cut) {
            return;
        }
        cut = true;
        passages.forEach(passage -> passage.breakAll(line.end()));
    }

    /** How many bytes servers have sent since {@link #count}. */
    public long passed() {
        return passed.get();
    }

    /** How many bytes a server has sent over one connection since {@link #count}, at the most. */
    public long most() {
        return most.get();
    }

    /** Counts anew what servers send from now on. */
    public void count() {
        passed.set(0);
        most.set(0);
    }

    private synchronized Break next() {
        if (left == 0) {
            return NONE;
        }
        left--;
        return coming;
    }

    @Override
    public synchronized void close() {
        shut();
    }

    private static void pause(long millis) {
        try {
            new CompletableFuture<Void>().get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // the time is over
        } catch (InterruptedException | ExecutionException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void quietly(AutoCloseable closed) {
        try {
            closed.close();
        } catch (Exception e) {
            // it is to be gone, and is
        }
    }

    /** Closes with a reset instead of an end. */
    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // it is gone already
        }
        quietly(socket);
    }

    /** Small answers are not kept back to be sent with later ones. */
    private static void undelayed(Socket socket) {
        try {
            socket.setTcpNoDelay(true);
        } catch (IOException e) {
            // it is gone: whoever reads from it finds out
        }
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** One port behind the door. */
    private final class Passage {
        private final int target;
        private final Set<Connection> inside = new HashSet<>();
        private int port;
        private ServerSocket listening = unbound();

        Passage(int target) {
            this.target = target;
        }

        private static ServerSocket unbound() {
            try {
                return new ServerSocket();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        synchronized void open() {
            if (listening.isBound() && !listening.isClosed()) {
                return;
            }
            try {
                ServerSocket socket = unbound();
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                port = socket.getLocalPort();
                listening = socket;
                start("door-" + target, () -> accept(socket));
            } catch (IOException e) {
                throw new UncheckedIOException("the door cannot be opened on port " + port, e);
            }
        }

        synchronized void shut() {
            quietly(listening);
            Set.copyOf(inside).forEach(connection -> connection.end(End.CLOSED));
        }

        synchronized void breakAll(End end) {
            Set.copyOf(inside).forEach(connection -> connection.end(end));
        }

        synchronized void resetSilent() {
            Set.copyOf(inside).stream()
                    .filter(connection -> connection.silent)
                    .forEach(connection -> connection.end(End.RESET));
        }

        private void accept(ServerSocket socket) {
            while (!socket.isClosed()) {
                try {
                    Socket caller = socket.accept();
                    try {
                        enter(caller, new Socket(InetAddress.getLoopbackAddress(), target));
                    } catch (IOException e) {
                        quietly(caller);
                    }
                } catch (IOException e) {
                    return;
                }
            }
        }

        private void enter(Socket caller, Socket server) {
            Break next = next();
            synchronized (this) {
                if (listening.isClosed()) {
                    quietly(caller);
                    quietly(server);
                    return;
                }
                undelayed(caller);
                undelayed(server);
                Connection connection = new Connection(this, caller, server, next);
                inside.add(connection);
                if (cut) {
                    connection.end(line.end());
                }
                start("door-in-" + target, () -> connection.carry(Side.CLIENT));
                start("door-out-" + target, () -> connection.carry(Side.SERVER));
            }
        }

        synchronized void leave(Connection connection) {
            inside.remove(connection);
        }
    }

    /** What goes on between one client and a server. */
    private final class Connection {
        private final Passage passage;
        private final Socket caller;
        private final Socket server;
        private final Break broken;
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile boolean silent;

        Connection(Passage passage, Socket caller, Socket server, Break broken) {
            this.passage = passage;
            this.caller = caller;
            this.server = server;
            this.broken = broken;
        }

        void carry(Side side) {
            Socket from = side == Side.SERVER ? server : caller;
            Socket to = side == Side.SERVER ? caller : server;
            byte[] piece = new byte[LARGEST_PIECE];
            long limit = broken.side() == side ? broken.after() : Long.MAX_VALUE;
            long sent = 0;
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                while (true) {
                    long slow = pace;
                    int read = in.read(piece, 0, slow == 0 ? piece.length : pieceAt(slow));
                    if (silent) {
                        // What comes over a dead line comes nowhere.
                        over.await();
                        return;
                    }
                    if (read < 0) {
                        break;
                    }
                    if (slow > 0) {
                        pause(sent == 0 ? SLOW_START_MILLIS : read * 1000L / slow);
                    }
                    long end = side == Side.SERVER ? Math.min(limit, line.after()) : limit;
                    int through = (int) Math.max(0, Math.min(read, end - sent));
                    out.write(piece, 0, through);
                    sent += through;
                    if (side == Side.SERVER) {
                        passed.addAndGet(through);
                        most.accumulateAndGet(sent, Math::max);
                    }
                    if (sent >= limit) {
                        end(broken.end());
                    } else if (sent >= end) {
                        fall();
                    }
                    if (silent) {
                        over.await();
                        return;
                    }
                }
            } catch (IOException e) {
                // one of the two has gone: so does the other
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (!silent) {
                end(End.CLOSED);
            }
        }

        private int pieceAt(long slow) {
            return (int) Math.max(1, Math.min(SLOW_PIECE, slow / 10));
        }

        void end(End how) {
            if (how == End.SILENT) {
                silent = true;
                return;
            }
            passage.leave(this);
            over.countDown();
            if (how == End.RESET) {
                reset(caller);
                reset(server);
            } else {
                quietly(caller);
                quietly(server);
            }
        }
    }
}
