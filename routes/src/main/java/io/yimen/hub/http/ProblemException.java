package io.yimen.hub.http;

import io.yimen.api.model.Problem;
import io.yimen.api.model.Violation;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A request that fails, as its sender is told. Detail and remedy hold no personal data. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Media type of every failure. */
    public static final String MEDIA_TYPE = "application/problem+json";

    private final ProblemCode code;
    private final String detail;
    private final String remedy;
    private final transient List<Violation> violations = new ArrayList<>();
    private @Nullable Duration retryAfter;
    private @Nullable String instance;
    private @Nullable String redirectTo;
    private @Nullable Integer line;

    public ProblemException(ProblemCode code, String detail, String remedy) {
        super(code.wireName() + ": " + detail);
        this.code = code;
        this.detail = detail;
        this.remedy = remedy;
    }

    /** A parameter that is wrong. */
    public static ProblemException invalid(String parameter, String message) {
        return new ProblemException(
                        ProblemCode.INVALID_PARAMETER, parameter + " " + message, "Correct the parameter " + parameter)
                .violation(parameter, message);
    }

    /** A thing that is not there, or not for the one who asks. */
    public static ProblemException notFound(String what) {
        return new ProblemException(
                ProblemCode.NOT_FOUND, what, "Check the path; what lies outside one's places is not told");
    }

    ProblemException violation(String parameter, String message) {
        violations.add(new Violation().parameter(parameter).message(message));
        return this;
    }

    /** Tells when to try again. */
    public ProblemException retryAfter(Duration wait) {
        this.retryAfter = wait;
        return this;
    }

    /** Gives the occurrence the id under which the log has more of it. */
    ProblemException instance(String id) {
        this.instance = id;
        return this;
    }

    /** Where the id leads. */
    ProblemException redirectTo(OptionalLong id) {
        this.redirectTo = id.isPresent() ? Long.toString(id.getAsLong()) : null;
        return this;
    }

    /** The line of the document that is at fault. */
    ProblemException line(OptionalInt number) {
        this.line = number.isPresent() ? number.getAsInt() : null;
        return this;
    }

    public ProblemCode code() {
        return code;
    }

    /** The problem as it goes out. */
    public Problem toProblem() {
        return new Problem()
                .type("/problems/" + code.wireName())
                .title(code.title())
                .status(code.status())
                .code(code.wireName())
                .detail(detail)
                .remedy(remedy)
                .instance(instance)
                .redirectTo(redirectTo)
                .line(line)
                .violations(violations.isEmpty() ? null : violations);
    }

    Response toResponse() {
        Response.ResponseBuilder response = Response.status(code.status())
                .type(MEDIA_TYPE)
                .header("Cache-Control", "no-store")
                .entity(toProblem());
        if (retryAfter != null) {
            response.header("Retry-After", Math.max(1, retryAfter.toSeconds()));
        }
        if (code.status() == 401) {
            response.header("WWW-Authenticate", "Bearer");
        }
        return response.build();
    }
}
