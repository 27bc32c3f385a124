package io.yimen.hub.http;

import io.yimen.api.ChangesApi;
import io.yimen.api.CorrectionsApi;
import io.yimen.api.DecisionsApi;
import io.yimen.api.HealthApi;
import io.yimen.api.IdentityApi;
import io.yimen.api.LedgersApi;
import io.yimen.api.OperationsApi;
import io.yimen.api.ProgressApi;
import io.yimen.api.PushApi;
import io.yimen.api.QualityApi;
import io.yimen.api.QuarantineApi;
import io.yimen.api.ReviewsApi;
import io.yimen.api.RulesApi;
import io.yimen.api.SessionApi;
import io.yimen.api.UploadsApi;
import io.yimen.api.WorkbooksApi;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.UriInfo;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Refuses query parameters that the operation does not have, that come twice, or whose text is not of their type. Left
 * to JAX-RS the first is ignored and the last answered as 404.
 */
@ApplicationScoped
public final class QueryCheck {
    private final Map<String, Map<String, Kind>> parametersByOperation = new HashMap<>();

    /** What a parameter's text is, and whether it may come more than once. */
    private record Kind(Class<?> type, boolean list) {
        static Kind of(Parameter parameter) {
            return parameter.getParameterizedType() instanceof ParameterizedType list
                    ? new Kind((Class<?>) list.getActualTypeArguments()[0], true)
                    : new Kind(parameter.getType(), false);
        }
    }

    QueryCheck() {
        Stream.of(
                        SessionApi.class,
                        PushApi.class,
                        LedgersApi.class,
                        ChangesApi.class,
                        IdentityApi.class,
                        ReviewsApi.class,
                        DecisionsApi.class,
                        CorrectionsApi.class,
                        UploadsApi.class,
                        WorkbooksApi.class,
                        QualityApi.class,
                        RulesApi.class,
                        OperationsApi.class,
                        QuarantineApi.class,
                        ProgressApi.class,
                        HealthApi.class)
                .flatMap(api -> Arrays.stream(api.getDeclaredMethods()))
                .forEach(this::learn);
    }

    private void learn(Method operation) {
        Map<String, Kind> parameters = new TreeMap<>();
        for (Parameter parameter : operation.getParameters()) {
            QueryParam query = parameter.getAnnotation(QueryParam.class);
            if (query != null) {
                parameters.put(query.value(), Kind.of(parameter));
            }
        }
        parametersByOperation.put(operation.getName(), parameters);
    }

    @ServerRequestFilter
    void check(ResourceInfo resource, UriInfo uri) {
        Map<String, Kind> known =
                parametersByOperation.get(resource.getResourceMethod().getName());
        if (known == null) {
            return;
        }
        for (Map.Entry<String, List<String>> given : uri.getQueryParameters().entrySet()) {
            Kind kind = known.get(given.getKey());
            if (kind == null) {
                throw new ProblemException(
                        ProblemCode.UNKNOWN_PARAMETER,
                        "The query has an unknown parameter",
                        known.isEmpty() ? "Send no parameters" : "Known are " + String.join(", ", known.keySet()));
            }
            if (!kind.list && given.getValue().size() > 1) {
                throw ProblemException.invalid(given.getKey(), "is given more than once");
            }
            for (String value : given.getValue()) {
                if (value.isEmpty()) {
                    throw ProblemException.invalid(given.getKey(), "is empty");
                }
                if (!isOf(kind.type, value)) {
                    throw ProblemException.invalid(given.getKey(), "is not " + name(kind.type));
                }
            }
        }
    }

    private static boolean isOf(Class<?> type, String value) {
        try {
            if (type == Integer.class) {
                Integer.parseInt(value);
            } else if (type == Long.class) {
                Long.parseLong(value);
            } else if (type == OffsetDateTime.class) {
                OffsetDateTime.parse(value);
            } else if (type == LocalDate.class) {
                LocalDate.parse(value);
            } else if (type == Boolean.class) {
                return value.equals("true") || value.equals("false");
            } else if (type.isEnum()) {
                type.getMethod("fromString", String.class).invoke(null, value);
            }
            return true;
        } catch (NumberFormatException | DateTimeParseException | InvocationTargetException e) {
            return false;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " is not read from a query", e);
        }
    }

    private static String name(Class<?> type) {
        if (type == Integer.class || type == Long.class) {
            return "a whole number";
        }
        if (type == OffsetDateTime.class) {
            return "an instant such as 2026-01-31T08:00:00Z ('+' is written %2B)";
        }
        if (type == LocalDate.class) {
            return "a day such as 2026-01-31";
        }
        return type == Boolean.class ? "true or false" : "one of the values in the contract";
    }
}
