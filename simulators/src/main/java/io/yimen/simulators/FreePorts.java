package io.yimen.simulators;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ports of 127.0.0.1 for servers that are told their port and bind it a while later. They lie outside the range from
 * which the operating system gives ports to outgoing connections, of which any could take the port meanwhile; and none
 * is given twice by this process. Another process may still be faster: whoever starts a server tries again with another
 * port when it could not bind.
 */
public final class FreePorts {
    private static final Path OUTGOING = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final Pattern TWO_NUMBERS = Pattern.compile("(\\d{1,5})\\s+(\\d{1,5})\\s*");
    private static final int LOWEST = 15_000;
    private static final int HIGHEST = 65_535;
    /** Fewer than these are no choice. */
    private static final int ENOUGH = 1_000;

    private static final int TRIES = 200;
    /** The operating system's choice has to do. */
    private static final Range ANY = new Range(0, 0);

    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private FreePorts() {}

    /** A port that nobody listens on. */
    public static int find() {
        Range range = range();
        for (int i = 0; i < TRIES; i++) {
            int port = range.equals(ANY) ? 0 : ThreadLocalRandom.current().nextInt(range.from, range.to + 1);
            int bound = bind(port);
            if (bound != 0 && GIVEN.add(bound)) {
                return bound;
            }
        }
        throw new SimulatorException("There is no free port on 127.0.0.1");
    }

    /** Whether a server could listen on {@code port} now. */
    public static boolean isFree(int port) {
        return bind(port) != 0;
    }

    private record Range(int from, int to) {}

    /** Where outgoing connections take no port; {@link #ANY} where there is no such range. */
    private static Range range() {
        // Such a file is given out by one read alone: not to be read as other files are.
        try (BufferedReader file = Files.newBufferedReader(OUTGOING)) {
            String line = file.readLine();
            Matcher outgoing = TWO_NUMBERS.matcher(line == null ? "" : line);
            if (outgoing.matches()) {
                int low = Integer.parseInt(outgoing.group(1));
                int high = Integer.parseInt(outgoing.group(2));
                if (low - LOWEST >= ENOUGH) {
                    return new Range(LOWEST, low - 1);
                }
                if (HIGHEST - high >= ENOUGH) {
                    return new Range(high + 1, HIGHEST);
                }
            }
        } catch (IOException e) {
            // Not Linux, or /proc is not to be seen.
            return ANY;
        }
        return ANY;
    }

    /** The port that was bound for a moment; 0 if somebody else has it. */
    private static int bind(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return socket.getLocalPort();
        } catch (BindException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot look whether port " + port + " is free", e);
        }
    }
}
