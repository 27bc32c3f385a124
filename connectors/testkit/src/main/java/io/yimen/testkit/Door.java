package io.yimen.testkit;

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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stands between a connector and the ports of its source, and can be shut, slow or rude. Whoever comes through it sees
 * one port of this machine for each port of the source. Thread-safe.
 */
public final class Door implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("(127\\.0\\.0\\.1|localhost):(\\d{1,5})");
    private static final int RUDE_CONNECTIONS = 6;
    private static final int RUDE_BYTES = 600;
    private static final int SLOW_PIECE = 8 * 1024;
    private static final long SLOW_MILLIS = 2;
    private static final long SLOW_START_MILLIS = 300;

    private final List<Passage> passages = new ArrayList<>();
    private volatile Mode mode = Mode.OPEN;
    private int rude;

    private enum Mode {
        OPEN,
        SHUT,
        SLOW,
        RUDE
    }

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

    /** As {@link #through(String)} for every value, e.g. of {@link io.yimen.simulators.LegacySystem#keys}. */
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

    /** Nobody comes through, and whoever is inside is thrown out. */
    public Part<Trouble> down() {
        return trouble(Mode.SHUT);
    }

    /** Everything takes its time. */
    public Part<Trouble> slow() {
        return trouble(Mode.SLOW);
    }

    /** The next connections break off after a few hundred bytes. */
    public Part<Trouble> rude() {
        return trouble(Mode.RUDE);
    }

    private synchronized Part<Trouble> trouble(Mode wanted) {
        if (passages.isEmpty()) {
            return Part.without("the source is not reached through the network");
        }
        return Part.of(new Trouble() {
            @Override
            public void begin() {
                set(wanted);
            }

            @Override
            public void end() {
                set(Mode.OPEN);
            }
        });
    }

    private synchronized void set(Mode wanted) {
        mode = wanted;
        rude = wanted == Mode.RUDE ? RUDE_CONNECTIONS : 0;
        for (Passage passage : passages) {
            if (wanted == Mode.SHUT) {
                passage.shut();
            } else {
                passage.open();
            }
        }
    }

    private synchronized boolean isRude() {
        return rude > 0 && rude-- > 0;
    }

    @Override
    public synchronized void close() {
        mode = Mode.SHUT;
        passages.forEach(Passage::shut);
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

    /** Small answers are not kept back to be sent with later ones. */
    private static void undelayed(Socket socket) {
        try {
            socket.setTcpNoDelay(true);
        } catch (IOException e) {
            // it is gone: whoever reads from it finds out
        }
    }

    /** One port of the source. */
    private final class Passage {
        private final int target;
        private final Set<Socket> inside = new HashSet<>();
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
            inside.forEach(Door::quietly);
            inside.clear();
        }

        private void accept(ServerSocket socket) {
            while (!socket.isClosed()) {
                try {
                    Socket caller = socket.accept();
                    try {
                        Socket source = new Socket(InetAddress.getLoopbackAddress(), target);
                        enter(caller, source);
                    } catch (IOException e) {
                        quietly(caller);
                    }
                } catch (IOException e) {
                    return;
                }
            }
        }

        private synchronized void enter(Socket caller, Socket source) {
            if (mode == Mode.SHUT) {
                quietly(caller);
                quietly(source);
                return;
            }
            undelayed(caller);
            undelayed(source);
            inside.add(caller);
            inside.add(source);
            long limit = isRude() ? RUDE_BYTES : Long.MAX_VALUE;
            start("door-in-" + target, () -> carry(caller, source, Long.MAX_VALUE));
            start("door-out-" + target, () -> carry(source, caller, limit));
        }

        private void carry(Socket from, Socket to, long limit) {
            byte[] piece = new byte[64 * 1024];
            long left = limit;
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                while (left > 0) {
                    boolean slow = mode == Mode.SLOW;
                    int read = in.read(piece, 0, (int) Math.min(left, slow ? SLOW_PIECE : piece.length));
                    if (read < 0) {
                        break;
                    }
                    if (slow) {
                        pause(left == limit ? SLOW_START_MILLIS : SLOW_MILLIS);
                    }
                    out.write(piece, 0, read);
                    left -= read;
                }
            } catch (IOException e) {
                // one of the two has gone: so does the other
            }
            synchronized (this) {
                inside.remove(from);
                inside.remove(to);
            }
            quietly(from);
            quietly(to);
        }
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
