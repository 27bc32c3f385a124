package io.yimen.hub.http;

import java.util.Locale;

/** Every way in which a request can fail: the one table of stable codes, statuses and titles. */
public enum ProblemCode {
    INVALID_PARAMETER(400, "A parameter is wrong"),
    UNKNOWN_PARAMETER(400, "A parameter is unknown"),
    INVALID_CURSOR(400, "The cursor is not one of this list"),
    INVALID_BODY(400, "The body is wrong"),
    INVALID_REQUEST(400, "The request is wrong"),
    INVALID_DOCUMENT(400, "The document is not understood"),
    UNAUTHENTICATED(401, "No valid session"),
    SIGN_IN_REFUSED(401, "Login or password is wrong"),
    FORBIDDEN(403, "The account may not do this"),
    CROSS_ORIGIN(403, "The request comes from another site"),
    NOT_FOUND(404, "No such thing"),
    METHOD_NOT_ALLOWED(405, "The path does not know the method"),
    NOT_ACCEPTABLE(406, "The answer cannot be given in that form"),
    CONFLICT(409, "It has changed meanwhile"),
    INVALID_MANIFEST(409, "A manifest in the catalog is wrong"),
    STALE_VERSION(409, "It has changed since it was looked at"),
    REDIRECTED(409, "The id leads to another one"),
    HISTORY_COMPACTED(410, "That long ago is no longer kept"),
    NOT_WHOLE(410, "Part of it was erased"),
    RETAINED(409, "A law says to keep it"),
    ERASED(410, "It was erased"),
    TOO_LARGE(413, "The body is too large"),
    UNSUPPORTED_MEDIA_TYPE(415, "The body is not JSON"),
    TOO_MANY_ATTEMPTS(429, "Too many attempts"),
    BUSY(429, "Too much waits already"),
    INTERNAL(500, "The hub failed"),
    UNAVAILABLE(503, "The pool cannot be reached");

    private final int status;
    private final String title;

    ProblemCode(int status, String title) {
        this.status = status;
        this.title = title;
    }

    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    /** The code on the wire. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The code for a failure of which nothing but the status is known. */
    static ProblemCode ofStatus(int status) {
        return switch (status) {
            case 401 -> UNAUTHENTICATED;
            case 403 -> FORBIDDEN;
            case 404 -> NOT_FOUND;
            case 405 -> METHOD_NOT_ALLOWED;
            case 406 -> NOT_ACCEPTABLE;
            case 409 -> CONFLICT;
            case 413 -> TOO_LARGE;
            case 415 -> UNSUPPORTED_MEDIA_TYPE;
            case 429 -> TOO_MANY_ATTEMPTS;
            case 503 -> UNAVAILABLE;
            default -> status >= 400 && status < 500 ? INVALID_REQUEST : INTERNAL;
        };
    }
}
