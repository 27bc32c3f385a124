package io.yimen.hub.config;

import io.smallrye.config.WithDefault;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One key that {@link HubConfig} declares.
 *
 * @param name e.g. {@code yimen.pool.jdbc-url}
 * @param type what its value is, of a list what its items are
 * @param required whether the hub does not start without it
 * @param defaultValue what holds where it is not given
 */
record ConfigKey(
        String name,
        Class<?> type,
        boolean required,
        @Nullable String defaultValue) {
    /** The keys of {@link HubConfig} and of the groups in it; connector parameters are not among them. */
    static List<ConfigKey> all() {
        List<ConfigKey> keys = new ArrayList<>();
        collect(HubConfig.class, "yimen", keys);
        keys.sort(Comparator.comparing(ConfigKey::name));
        return List.copyOf(keys);
    }

    private static void collect(Class<?> group, String prefix, List<ConfigKey> keys) {
        for (Method method : group.getDeclaredMethods()) {
            String name = prefix + "." + kebab(method.getName());
            Class<?> type = method.getReturnType();
            if (type.getEnclosingClass() == HubConfig.class) {
                collect(type, name, keys);
            } else if (type != Map.class) {
                WithDefault given = method.getAnnotation(WithDefault.class);
                boolean wrapped = type == Optional.class || type == List.class;
                Class<?> value = wrapped ? argument(method.getGenericReturnType()) : type;
                boolean required = given == null && type != Optional.class;
                keys.add(new ConfigKey(name, value, required, given == null ? null : given.value()));
            }
        }
    }

    private static Class<?> argument(Type type) {
        Type inner = ((ParameterizedType) type).getActualTypeArguments()[0];
        return inner instanceof ParameterizedType list ? argument(list) : (Class<?>) inner;
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** The name under which the environment gives it. */
    String environmentName() {
        return environmentName(name);
    }

    static String environmentName(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    /** What is wrong with the value, said without the value. */
    Optional<String> complaint(String value) {
        if (type == boolean.class && !Arrays.asList("true", "false").contains(value)) {
            return Optional.of("is neither true nor false");
        }
        if (type == int.class && !value.matches("\\d{1,9}")) {
            return Optional.of("is not a number");
        }
        if (type == Duration.class) {
            try {
                if (Duration.parse(value).isNegative() || Duration.parse(value).isZero()) {
                    return Optional.of("is not a positive duration such as PT12H");
                }
            } catch (DateTimeParseException e) {
                return Optional.of("is not an ISO-8601 duration such as PT12H");
            }
        }
        return Optional.empty();
    }
}
