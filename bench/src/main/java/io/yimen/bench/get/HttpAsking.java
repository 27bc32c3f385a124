package io.yimen.bench.get;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * One connection that is kept alive and asks for a random record again and again. It knows as much of HTTP as the hub's
 * answers need, so that little of the machine goes into asking.
 */
final class HttpAsking implements AutoCloseable {
    private static final byte[] OK = "HTTP/1.1 200 ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LENGTH = "content-length: ".getBytes(StandardCharsets.US_ASCII);

    private final Socket socket;
    private final OutputStream out;
    private final InputStream in;
    private final byte[] buffer = new byte[64 * 1024];
    private final String path;
    private final byte[] rest;
    private final long[] ids;
    private final SplittableRandom dice;

    /** @param path what stands before the id */
    HttpAsking(int port, String path, String token, long[] ids, long seed) throws IOException {
        this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        this.out = socket.getOutputStream();
        this.in = new BufferedInputStream(socket.getInputStream(), buffer.length);
        this.path = "GET " + path;
        this.rest = (" HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nAuthorization: Bearer " + token + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        this.ids = ids;
        this.dice = new SplittableRandom(seed);
    }

    /** Asks once; it fails unless the answer is the record that was asked for. */
    void ask() throws IOException {
        long id = ids[dice.nextInt(ids.length)];
        byte[] line = (path + id).getBytes(StandardCharsets.US_ASCII);
        byte[] request = Arrays.copyOf(line, line.length + rest.length);
        System.arraycopy(rest, 0, request, line.length, rest.length);
        out.write(request);
        int length = head();
        if (length > buffer.length || in.readNBytes(buffer, 0, length) < length) {
            throw new IOException("An answer of " + length + " bytes was not read whole");
        }
        byte[] expected = ("{\"id\":\"" + id + "\"").getBytes(StandardCharsets.US_ASCII);
        if (!starts(expected, length)) {
            throw new IOException("The answer is not record " + id);
        }
    }

    /** Reads the head of an answer. */
    private int head() throws IOException {
        int length = -1;
        for (int n = line(), first = 0; n > 0; n = line(), first++) {
            if (first == 0 && !starts(OK, n)) {
                throw new IOException(
                        "The hub answers " + new String(buffer, 0, Math.min(n, 80), StandardCharsets.US_ASCII));
            }
            if (starts(LENGTH, n)) {
                length = Integer.parseInt(
                        new String(buffer, LENGTH.length, n - LENGTH.length, StandardCharsets.US_ASCII));
            }
        }
        if (length < 0) {
            throw new IOException("An answer has no length");
        }
        return length;
    }

    private boolean starts(byte[] with, int length) {
        return length >= with.length && Arrays.equals(with, 0, with.length, buffer, 0, with.length);
    }

    /** Reads a line and returns its length. */
    private int line() throws IOException {
        int n = 0;
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("The hub hangs up");
            }
            buffer[n++] = (byte) b;
        }
        return n - 1;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
