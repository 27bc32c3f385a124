package io.yimen.hub.http;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.yimen.api.model.Problem;
import io.yimen.pool.PoolException;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.ElementKind;
import jakarta.validation.Path;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns every failure of a request into a problem. The only place where that is decided. */
public final class Failures {
    private static final Logger LOG = Logger.getLogger(Failures.class);

    @ServerExceptionMapper
    Response problem(ProblemException e) {
        return e.toResponse();
    }

    @ServerExceptionMapper
    Response pool(PoolException e) {
        return switch (e.kind()) {
            case INVALID ->
                new ProblemException(invalid(e), message(e), e.remedy().orElse("Correct the request"))
                        .line(e.line())
                        .toResponse();
            case NOT_FOUND ->
                e.code().filter(PoolException.Code.ERASED::equals).isPresent()
                        ? new ProblemException(ProblemCode.ERASED, message(e), "Forget what you hold of it")
                                .toResponse()
                        : ProblemException.notFound(message(e)).toResponse();
            case FORBIDDEN -> new ProblemException(ProblemCode.FORBIDDEN, message(e), "Ask one of them").toResponse();
            case CONFLICT, BRAKE ->
                new ProblemException(conflict(e), message(e), e.remedy().orElse("Read it again and decide anew"))
                        .redirectTo(e.redirectTo())
                        .toResponse();
            case RETRY -> {
                LOG.warnf("The pool did not answer: %s", e.getMessage());
                yield new ProblemException(ProblemCode.UNAVAILABLE, "The pool did not answer", "Try again")
                        .retryAfter(Duration.ofSeconds(2))
                        .toResponse();
            }
            case CONFIGURATION -> unexpected(e);
        };
    }

    private static String message(PoolException e) {
        return Objects.requireNonNullElse(e.getMessage(), "The pool refused");
    }

    private static ProblemCode conflict(PoolException e) {
        return e.code()
                .map(code -> switch (code) {
                    case STALE_VERSION -> ProblemCode.STALE_VERSION;
                    case REDIRECTED -> ProblemCode.REDIRECTED;
                    case RETAINED -> ProblemCode.RETAINED;
                    case ERASED, INVALID_DOCUMENT, HISTORY_COMPACTED, NOT_WHOLE -> ProblemCode.CONFLICT;
                })
                .orElse(ProblemCode.CONFLICT);
    }

    private static ProblemCode invalid(PoolException e) {
        ProblemCode plain = message(e).contains("cursor") ? ProblemCode.INVALID_CURSOR : ProblemCode.INVALID_REQUEST;
        return e.code()
                .map(code -> switch (code) {
                    case INVALID_DOCUMENT -> ProblemCode.INVALID_DOCUMENT;
                    case HISTORY_COMPACTED -> ProblemCode.HISTORY_COMPACTED;
                    case NOT_WHOLE -> ProblemCode.NOT_WHOLE;
                    case STALE_VERSION, REDIRECTED, ERASED, RETAINED -> plain;
                })
                .orElse(plain);
    }

    @ServerExceptionMapper
    Response constraints(ConstraintViolationException e) {
        String names = e.getConstraintViolations().stream()
                .map(Failures::parameter)
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        boolean body = e.getConstraintViolations().stream().anyMatch(Failures::isBody);
        ProblemException problem = new ProblemException(
                body ? ProblemCode.INVALID_BODY : ProblemCode.INVALID_PARAMETER,
                names + (names.contains(",") ? " are wrong" : " is wrong"),
                "See violations");
        e.getConstraintViolations().stream()
                .sorted((a, b) -> parameter(a).compareTo(parameter(b)))
                .forEach(v -> problem.violation(parameter(v), v.getMessage()));
        return problem.toResponse();
    }

    /** Whether the argument at fault is a record of the contract, which is what bodies are. */
    private static boolean isBody(ConstraintViolation<?> violation) {
        List<Class<?>> types = List.of();
        for (Path.Node node : violation.getPropertyPath()) {
            if (node.getKind() == ElementKind.METHOD) {
                types = node.as(Path.MethodNode.class).getParameterTypes();
            } else if (node.getKind() == ElementKind.PARAMETER) {
                Class<?> type = types.get(node.as(Path.ParameterNode.class).getParameterIndex());
                return type.getPackageName().equals(Problem.class.getPackageName()) && !type.isEnum();
            }
        }
        return false;
    }

    /** The parameter's name, or the body's member. */
    private static String parameter(ConstraintViolation<?> violation) {
        List<String> names = new ArrayList<>();
        for (Path.Node node : violation.getPropertyPath()) {
            if (node.getKind() == ElementKind.PARAMETER || node.getKind() == ElementKind.PROPERTY) {
                names.add(node.getName());
            }
        }
        if (isBody(violation)) {
            return names.size() < 2 ? "body" : String.join(".", names.subList(1, names.size()));
        }
        return names.isEmpty() ? "request" : names.get(0);
    }

    @ServerExceptionMapper
    Response tooLarge(BodyLimit.Exceeded e) {
        return e.problem().toResponse();
    }

    @ServerExceptionMapper
    Response json(MismatchedInputException e) {
        String member = e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(n -> n != null)
                .collect(Collectors.joining("."));
        String what = e instanceof UnrecognizedPropertyException ? "is unknown" : "has the wrong form";
        ProblemException problem = new ProblemException(
                ProblemCode.INVALID_BODY,
                member.isEmpty() ? "The body has the wrong form" : member + " " + what,
                "Send a JSON object as the contract says");
        if (!member.isEmpty()) {
            problem.violation(member, what);
        }
        return problem.toResponse();
    }

    @ServerExceptionMapper({UnauthorizedException.class, AuthenticationFailedException.class})
    Response unauthenticated(SecurityException e) {
        return new ProblemException(
                        ProblemCode.UNAUTHENTICATED,
                        "The request carries no session, or one that has ended",
                        "Sign in with POST /api/v1/session")
                .toResponse();
    }

    @ServerExceptionMapper
    Response forbidden(ForbiddenException e) {
        return new ProblemException(
                        ProblemCode.FORBIDDEN,
                        "The account's roles do not allow this",
                        "Ask an administrator for the role")
                .toResponse();
    }

    @ServerExceptionMapper
    Response web(WebApplicationException e) {
        int status = e.getResponse().getStatus();
        ProblemCode code = ProblemCode.ofStatus(status);
        return switch (code) {
            case INVALID_REQUEST ->
                new ProblemException(
                                ProblemCode.INVALID_BODY,
                                "The body is not JSON",
                                "Send a JSON object as the contract says")
                        .toResponse();
            case NOT_FOUND ->
                ProblemException.notFound("The contract has no such path").toResponse();
            case METHOD_NOT_ALLOWED ->
                new ProblemException(code, code.title(), "See the contract for its methods").toResponse();
            case NOT_ACCEPTABLE -> new ProblemException(code, code.title(), "Accept application/json").toResponse();
            case UNSUPPORTED_MEDIA_TYPE ->
                new ProblemException(code, code.title(), "Send application/json").toResponse();
            case TOO_LARGE -> new ProblemException(code, code.title(), "Send less").toResponse();
            default ->
                status < 500
                        ? new ProblemException(code, code.title(), "Correct the request").toResponse()
                        : unexpected(e);
        };
    }

    @ServerExceptionMapper
    Response other(Throwable e) {
        return unexpected(e);
    }

    private static Response unexpected(Throwable e) {
        String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        LOG.errorf(e, "Request failed, occurrence %s", id);
        return new ProblemException(
                        ProblemCode.INTERNAL,
                        "Something in the hub failed",
                        "Tell the hub's operator the occurrence's id")
                .instance(id)
                .toResponse();
    }
}
