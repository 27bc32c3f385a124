package io.yimen.pool;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The pool's one exception. Its kind decides what the caller does; its message holds no personal data. */
public final class PoolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What the caller does about it. */
    public enum Kind {
        /** The pool cannot be reached or a transaction was chosen to fail: try the same again. */
        RETRY,
        /** The caller's request or batch is wrong: do not try again. */
        INVALID,
        /** Named thing does not exist, or lies outside the scope. */
        NOT_FOUND,
        /** Whoever asks may see it, and others change it. */
        FORBIDDEN,
        /** Based on an outdated version. */
        CONFLICT,
        /** More would be retired than the stream allows: a person decides. */
        BRAKE,
        /** Configuration is wrong: stop. */
        CONFIGURATION
    }

    /** What it is precisely, where a caller can do more about it than its kind says. */
    public enum Code {
        /** {@link Kind#CONFLICT}: what the caller looked at has changed meanwhile. */
        STALE_VERSION,
        /** {@link Kind#CONFLICT}: the id leads to another one, see {@link PoolException#redirectTo}. */
        REDIRECTED,
        /** {@link Kind#NOT_FOUND}: it was erased, and does not come back. */
        ERASED,
        /** {@link Kind#CONFLICT}: a law says to keep it. */
        RETAINED,
        /** {@link Kind#INVALID}: a document is not understood, see {@link PoolException#line}. */
        INVALID_DOCUMENT,
        /** {@link Kind#INVALID}: how things stood that long ago is no longer kept. */
        HISTORY_COMPACTED,
        /** {@link Kind#INVALID}: part of what was handed in was erased since. */
        NOT_WHOLE
    }

    private final Kind kind;
    private final @Nullable Code code;
    private final @Nullable Long redirectTo;
    private final @Nullable Integer line;
    private final @Nullable String remedy;

    public PoolException(Kind kind, String message) {
        this(kind, message, null, null, null, null);
    }

    public PoolException(Kind kind, String message, Throwable cause) {
        this(kind, message, null, null, null, null);
        initCause(cause);
    }

    private PoolException(
            Kind kind,
            String message,
            @Nullable Code code,
            @Nullable Long redirectTo,
            @Nullable Integer line,
            @Nullable String remedy) {
        super(message);
        this.kind = kind;
        this.code = code;
        this.redirectTo = redirectTo;
        this.line = line;
        this.remedy = remedy;
    }

    /** {@link Kind#CONFLICT}: {@code what} has changed since it was looked at. */
    public static PoolException staleVersion(String what, long seen, long now) {
        return new PoolException(
                Kind.CONFLICT,
                what + " is in version " + now + " by now, not " + seen,
                Code.STALE_VERSION,
                null,
                null,
                null);
    }

    /** {@link Kind#CONFLICT}: {@code what} is not any more what was looked at. */
    public static PoolException stale(String what) {
        return new PoolException(
                Kind.CONFLICT, what + " has changed since it was looked at", Code.STALE_VERSION, null, null, null);
    }

    /** {@link Kind#NOT_FOUND}: {@code what} was erased. */
    public static PoolException erased(String what) {
        return new PoolException(Kind.NOT_FOUND, what + " was erased", Code.ERASED, null, null, null);
    }

    /** {@link Kind#CONFLICT}: {@code what} is to be kept, and what to do about it. */
    public static PoolException retained(String what, String remedy) {
        return new PoolException(Kind.CONFLICT, what, Code.RETAINED, null, null, remedy);
    }

    /** {@link Kind#CONFLICT}: {@code what} was merged, its id leads to {@code to}. */
    public static PoolException redirected(String what, long to) {
        return new PoolException(
                Kind.CONFLICT, what + " was merged and leads to " + to, Code.REDIRECTED, to, null, null);
    }

    /** {@link Kind#INVALID}: a document is wrong in a line, and what to do about it. */
    public static PoolException invalidDocument(int line, String what, String remedy) {
        return new PoolException(Kind.INVALID, "line " + line + ": " + what, Code.INVALID_DOCUMENT, null, line, remedy);
    }

    /** {@link Kind#CONFIGURATION}: a document that the program was given is wrong in a line. */
    public static PoolException wrongDocument(String origin, int line, String what, String remedy) {
        return new PoolException(
                Kind.CONFIGURATION,
                origin + " line " + line + ": " + what + ". " + remedy + ".",
                Code.INVALID_DOCUMENT,
                null,
                line,
                remedy);
    }

    /** {@link Kind#INVALID}: the change log of a type begins at {@code horizon}. */
    public static PoolException historyCompacted(String type, Instant horizon) {
        return new PoolException(
                Kind.INVALID,
                "How " + type + " stood before " + horizon + " is no longer kept",
                Code.HISTORY_COMPACTED,
                null,
                null,
                "Ask as of " + horizon + " or later");
    }

    /** {@link Kind#INVALID}: what was handed in cannot be given as it was. */
    public static PoolException notWhole(String why) {
        return new PoolException(
                Kind.INVALID, why, Code.NOT_WHOLE, null, null, "Ask for the remainder, which is marked as such");
    }

    /** The same as the fault of a request. */
    public PoolException asRequest() {
        PoolException same =
                new PoolException(Kind.INVALID, String.valueOf(getMessage()), code, redirectTo, line, remedy);
        same.initCause(this);
        return same;
    }

    public Kind kind() {
        return kind;
    }

    /** What it is precisely; empty for most. */
    public Optional<Code> code() {
        return Optional.ofNullable(code);
    }

    /** Where an id leads. */
    public OptionalLong redirectTo() {
        return redirectTo == null ? OptionalLong.empty() : OptionalLong.of(redirectTo);
    }

    /** The line of a document that is at fault, from 1. */
    public OptionalInt line() {
        return line == null ? OptionalInt.empty() : OptionalInt.of(line);
    }

    /** What to do about it, where the message does not say so itself. */
    public Optional<String> remedy() {
        return Optional.ofNullable(remedy);
    }
}
