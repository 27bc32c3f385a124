package io.yimen.hub.http;

import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Counts a body while it is read, whatever its sender said of its length. */
@Provider
public final class BodyLimit implements ReaderInterceptor {
    /** The largest body that is read, but for files. */
    private static final long BYTES = 64 * 1024;

    /** A file of 5 MiB in base64, with what is around it. */
    private static final long FILE_BYTES = 7 * 1024 * 1024;

    private static final Pattern FILES = Pattern.compile("/api/v1/corrections/[0-9]{1,18}/evidence");

    /** A workbook of 100,000 rows. */
    private static final long WORKBOOK_BYTES = 32 * 1024 * 1024;

    private static final Set<String> WORKBOOKS = Set.of("/api/v1/correction-uploads", "/api/v1/ticket-answers");

    /** A list of events; a connector may take less. */
    private static final long EVENTS_BYTES = 4 * 1024 * 1024;

    private static final String EVENTS = "/api/v1/push/";

    @Context
    @Nullable
    UriInfo uri;

    /** There is more. An I/O exception, because those of other kinds look like errors of the text to a JSON parser. */
    public static final class Exceeded extends IOException {
        private static final long serialVersionUID = 1L;

        private final long limit;

        Exceeded(long limit) {
            super("The body is longer than " + limit + " bytes");
            this.limit = limit;
        }

        /** What the sender is told. */
        public ProblemException problem() {
            return BodyLimit.problem(limit);
        }
    }

    /** The largest body that a path takes. */
    static long of(String path) {
        if (WORKBOOKS.contains(path)) {
            return WORKBOOK_BYTES;
        }
        if (path.startsWith(EVENTS)) {
            return EVENTS_BYTES;
        }
        return FILES.matcher(path).matches() ? FILE_BYTES : BYTES;
    }

    /** What the sender of more than {@code limit} bytes is told. */
    public static ProblemException problem(long limit) {
        return new ProblemException(ProblemCode.TOO_LARGE, "A body has at most " + limit + " bytes", "Send less");
    }

    @Override
    public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
        context.setInputStream(new Counted(
                context.getInputStream(),
                uri == null ? BYTES : of(uri.getRequestUri().getPath())));
        return context.proceed();
    }

    private static final class Counted extends FilterInputStream {
        private final long limit;
        private long read;

        Counted(InputStream in, long limit) {
            super(in);
            this.limit = limit;
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
            if (read > limit) {
                throw new Exceeded(limit);
            }
        }

        /** Reads what is left, as far as a body may go; the stream itself would go on to an end that may never come. */
        @Override
        public void close() throws IOException {
            byte[] rest = new byte[4096];
            int n = 0;
            while (n >= 0 && read <= limit) {
                n = super.read(rest, 0, rest.length);
                read += Math.max(0, n);
            }
        }
    }
}
