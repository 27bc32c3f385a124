package io.yimen.hub.http;

import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Counts a body while it is read, whatever its sender said of its length. */
@Provider
public final class BodyLimit implements ReaderInterceptor {
    /** The largest body that is read. */
    static final long BYTES = 64 * 1024;

    /** There is more. An I/O exception, because those of other kinds look like errors of the text to a JSON parser. */
    static final class Exceeded extends IOException {
        private static final long serialVersionUID = 1L;

        Exceeded() {
            super("The body is longer than " + BYTES + " bytes");
        }
    }

    static ProblemException problem() {
        return new ProblemException(ProblemCode.TOO_LARGE, "A body has at most " + BYTES + " bytes", "Send less");
    }

    @Override
    public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
        context.setInputStream(new Counted(context.getInputStream()));
        return context.proceed();
    }

    private static final class Counted extends FilterInputStream {
        private long read;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            count(b < 0 ? 0 : 1);
            return b;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            int n = super.read(to, offset, length);
            count(Math.max(0, n));
            return n;
        }

        private void count(int more) throws Exceeded {
            read += more;
            if (read > BYTES) {
                throw new Exceeded();
            }
        }

        /** Reads what is left, as far as a body may go; the stream itself would go on to an end that may never come. */
        @Override
        public void close() throws IOException {
            byte[] rest = new byte[4096];
            int n = 0;
            while (n >= 0 && read <= BYTES) {
                n = super.read(rest, 0, rest.length);
                read += Math.max(0, n);
            }
        }
    }
}
