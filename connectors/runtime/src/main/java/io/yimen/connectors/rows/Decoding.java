package io.yimen.connectors.rows;

import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text of files in the declared charset and in no other. */
final class Decoding {
    private Decoding() {}

    static CharsetDecoder strict(Charset charset) {
        return charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    static Reader open(Path file, Charset charset) throws IOException {
        return new InputStreamReader(Files.newInputStream(file), strict(charset));
    }

    /** The text without the mark that some programs put before it. */
    static String withoutMark(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    static boolean isCharset(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof CharacterCodingException) {
                return true;
            }
        }
        return false;
    }

    /** Finds the line at which a file cannot be decoded; a reader would tell only the block. */
    static UnfitFile undecodable(Path file, Charset charset) throws IOException {
        CharsetDecoder decoder = strict(charset);
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        CharBuffer chars = CharBuffer.allocate(1 << 17);
        long line = 1;
        try (InputStream in = Files.newInputStream(file)) {
            boolean end = false;
            CoderResult result = CoderResult.UNDERFLOW;
            while (!end && !result.isError()) {
                int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
                end = read < 0;
                bytes.position(bytes.position() + Math.max(read, 0)).flip();
                result = decoder.decode(bytes, chars, end);
                line += chars.flip().chars().filter(c -> c == '\n').count();
                chars.clear();
                bytes.compact();
            }
        }
        return new UnfitFile(
                "charset", "is not " + charset.name() + " at line " + line + "; have it sent in the declared charset");
    }

    /** A run of characters is longer than a row may be. */
    static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** Lets no run between two angle brackets pass that is longer than a row may be: what reads XML would hold it. */
    static final class Bracketed extends FilterReader {
        private int run;

        Bracketed(Reader in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            char[] one = new char[1];
            return read(one, 0, 1) < 0 ? -1 : one[0];
        }

        @Override
        public int read(char[] to, int offset, int length) throws IOException {
            int n = super.read(to, offset, length);
            for (int i = offset; i < offset + n; i++) {
                run = to[i] == '<' || to[i] == '>' ? 0 : run + 1;
                if (run > Rows.LONGEST) {
                    throw new TooLong();
                }
            }
            return n;
        }
    }
}
