package io.yimen.simulators;

import java.nio.charset.Charset;
import java.time.Duration;

/** A way in which a legacy service misbehaves, for one request. */
public sealed interface Fault {
    /** Answers with this status and no rows; {@code retryAfter} is sent as Retry-After unless empty. */
    record Status(int code, String retryAfter) implements Fault {}

    /** Answers right, but late. */
    record Delay(Duration by) implements Fault {}

    /** Cuts the connection after so many bytes of the body. */
    record Cut(int bytes) implements Fault {}

    /** Sends only the first so many bytes of the body and says that this is all. */
    record Truncated(int bytes) implements Fault {}

    /** Answers 200 with something else altogether, e.g. a proxy's error page. */
    record Body(String text) implements Fault {}

    /** Answers with another page's rows under this page's number. */
    record RepeatPage(int page) implements Fault {}

    /** Sends the page's first row twice. */
    record DuplicateKey() implements Fault {}

    /** Encodes the body in another charset than the declared one. */
    record WrongCharset(Charset charset) implements Fault {}

    /** The first row's name has so many characters. */
    record HugeRow(int characters) implements Fault {}

    /** The first row's name holds a NUL. */
    record Nul() implements Fault {}

    /** Every row has a field that nobody announced. */
    record UnknownField(String name) implements Fault {}
}
