package io.yimen.connectors.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.Manifest.FieldRule;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.identity.CreditCode;
import io.yimen.pool.identity.ResidentId;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The closed list of functions that a manifest may name, compiled against the columns of a resource. */
final class Functions {
    /** Makes one canonical value of a row; null where the row did not carry the columns. */
    @FunctionalInterface
    interface Compiled {
        @Nullable
        String apply(@Nullable String[] row, List<Flag> flags);
    }

    /** Reads when a row last changed; null where it does not say. */
    @FunctionalInterface
    interface Stated {
        @Nullable
        Instant apply(@Nullable String[] row);
    }

    /** Makes a canonical value of one raw value that is neither missing nor empty. */
    @FunctionalInterface
    private interface OfOne {
        String apply(String raw, @Nullable String[] row, List<Flag> flags);
    }

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^}]*)}");
    private static final Pattern INTEGER = Pattern.compile("[+-]?\\d{1,18}");
    private static final Pattern DECIMAL = Pattern.compile("[+-]?\\d{1,30}(\\.\\d{1,30})?");
    private static final Pattern PHONE = Pattern.compile("\\+?\\d{3,20}(转\\d{1,6})?");
    private static final Pattern PHONE_NOISE = Pattern.compile("[\\s()\\-–—]+");

    /** What is left of a committee's name that consists of its division alone: then the division is the name. */
    private static final Set<String> BARE =
            Set.of("居民委员会", "村民委员会", "居委会", "村委会", "社区", "村", "社区居委会", "社区居民委员会", "村村委会", "村村民委员会");

    private final Columns columns;
    private final ZoneId zone;

    Functions(Columns columns, ZoneId zone) {
        this.columns = columns;
        this.zone = zone;
    }

    /** Columns that a rule reads besides {@code from}: those in its prefixes. */
    static List<String> columnsInPrefixes(FieldRule rule) {
        List<String> names = new ArrayList<>();
        for (JsonNode prefix : rule.options().path("stripPrefix")) {
            Matcher matcher = PLACEHOLDER.matcher(prefix.asText());
            while (matcher.find()) {
                names.add(matcher.group(1));
            }
        }
        return names;
    }

    Compiled compile(FieldRule rule) {
        JsonNode o = rule.options();
        return switch (rule.function()) {
            case "constant" -> constant(o.path("value").asText());
            case "concat" -> concat(rule, o.path("format").asText());
            case "reference" -> reference(rule, o.path("to").asText());
            default -> ofOne(rule, single(rule, o));
        };
    }

    private OfOne single(FieldRule rule, JsonNode o) {
        String column = rule.from().get(0);
        return switch (rule.function()) {
            case "text" -> text(column, o);
            case "name" -> name(o);
            case "html" -> (raw, row, flags) -> Html.text(rule.name(), raw, flags);
            case "code" -> code(column, o);
            case "ending" -> ending(column, o);
            case "date" -> date(column, o.path("pattern").asText("yyyy-MM-dd"));
            case "timestamp" -> timestamp(column, o);
            case "idNumber" -> (raw, row, flags) -> idNumber(column, raw);
            case "creditCode" -> (raw, row, flags) -> creditCode(rule.name(), raw, flags);
            case "integer" -> (raw, row, flags) -> integer(column, raw);
            case "decimal" -> (raw, row, flags) -> decimal(column, raw);
            case "boolean" -> bool(column, o);
            case "phone" -> (raw, row, flags) -> phone(rule.name(), raw, flags);
            default -> throw new IllegalStateException("no function " + rule.function());
        };
    }

    private Compiled ofOne(FieldRule rule, OfOne function) {
        int at = columns.indexOf(rule.from().get(0));
        Set<String> empty = rule.empty();
        return (row, flags) -> {
            String raw = row[at];
            if (raw == null) {
                return null;
            }
            if (isEmpty(raw, empty)) {
                return "";
            }
            return function.apply(raw, row, flags);
        };
    }

    private static boolean isEmpty(String raw, Set<String> empty) {
        if (empty.isEmpty()) {
            return raw.isEmpty()
                    || (Text.isBlank(raw.codePointAt(0)) && Text.trim(raw).isEmpty());
        }
        String trimmed = Text.trim(raw);
        return trimmed.isEmpty() || empty.contains(trimmed);
    }

    private static Compiled constant(String value) {
        return (row, flags) -> value;
    }

    private Compiled concat(FieldRule rule, String format) {
        List<String> literals = new ArrayList<>();
        List<Integer> indexes = new ArrayList<>();
        Matcher matcher = PLACEHOLDER.matcher(format);
        int last = 0;
        while (matcher.find()) {
            literals.add(format.substring(last, matcher.start()));
            indexes.add(columns.indexOf(matcher.group(1)));
            last = matcher.end();
        }
        String tail = format.substring(last);
        return (row, flags) -> {
            StringBuilder text = new StringBuilder();
            boolean any = false;
            for (int i = 0; i < indexes.size(); i++) {
                String raw = row[indexes.get(i)];
                if (raw == null) {
                    return null;
                }
                String value = isEmpty(raw, rule.empty()) ? "" : Text.trim(raw);
                any |= !value.isEmpty();
                text.append(literals.get(i)).append(value);
            }
            return any ? text.append(tail).toString() : "";
        };
    }

    private Compiled reference(FieldRule rule, String to) {
        int[] indexes = rule.from().stream().mapToInt(columns::indexOf).toArray();
        int hole = to.indexOf("{}");
        String before = to.substring(0, hole);
        String after = to.substring(hole + 2);
        return (row, flags) -> {
            StringBuilder value = new StringBuilder(before);
            for (int i = 0; i < indexes.length; i++) {
                String raw = row[indexes[i]];
                if (raw == null) {
                    return null;
                }
                String part = Text.compact(raw);
                if (part.isEmpty() || rule.empty().contains(part)) {
                    return "";
                }
                value.append(i == 0 ? "" : "|").append(part);
            }
            return value.append(after).toString();
        };
    }

    private static OfOne text(String column, JsonNode o) {
        Pattern pattern = o.has("pattern") ? Pattern.compile(o.path("pattern").asText()) : null;
        String format = o.path("format").asText("{}");
        int hole = format.indexOf("{}");
        String before = format.substring(0, hole);
        String after = format.substring(hole + 2);
        return (raw, row, flags) -> {
            String value = Text.trim(raw);
            requireMatch(pattern, value, column);
            return before.isEmpty() && after.isEmpty() ? value : before + value + after;
        };
    }

    private OfOne name(JsonNode o) {
        List<int[]> prefixColumns = new ArrayList<>();
        List<List<String>> prefixLiterals = new ArrayList<>();
        for (JsonNode prefix : o.path("stripPrefix")) {
            Matcher matcher = PLACEHOLDER.matcher(prefix.asText());
            List<String> literals = new ArrayList<>();
            List<Integer> indexes = new ArrayList<>();
            int last = 0;
            while (matcher.find()) {
                literals.add(prefix.asText().substring(last, matcher.start()));
                indexes.add(columns.indexOf(matcher.group(1)));
                last = matcher.end();
            }
            literals.add(prefix.asText().substring(last));
            prefixColumns.add(indexes.stream().mapToInt(Integer::intValue).toArray());
            prefixLiterals.add(literals);
        }
        Map<String, String> endings = longestFirst(o.path("endings"));
        return (raw, row, flags) -> {
            String value = Text.name(raw);
            for (int i = 0; i < prefixColumns.size(); i++) {
                String prefix = prefix(prefixLiterals.get(i), prefixColumns.get(i), row);
                // In order and all of them up to here: a place may be called as its street is, and must keep its name.
                if (prefix.isEmpty() || !value.startsWith(prefix)) {
                    break;
                }
                String rest = value.substring(prefix.length());
                if (rest.isEmpty() || BARE.contains(rest)) {
                    break;
                }
                value = rest;
            }
            for (Map.Entry<String, String> ending : endings.entrySet()) {
                if (value.endsWith(ending.getKey())) {
                    return value.substring(0, value.length() - ending.getKey().length()) + ending.getValue();
                }
            }
            return value;
        };
    }

    private static String prefix(List<String> literals, int[] indexes, @Nullable String[] row) {
        if (indexes.length == 0) {
            return literals.get(0);
        }
        StringBuilder prefix = new StringBuilder(literals.get(0));
        for (int i = 0; i < indexes.length; i++) {
            String value = row[indexes[i]];
            prefix.append(value == null ? "" : Text.name(value)).append(literals.get(i + 1));
        }
        return prefix.toString();
    }

    private static OfOne code(String column, JsonNode o) {
        Pattern pattern = o.has("pattern") ? Pattern.compile(o.path("pattern").asText()) : null;
        Map<String, String> values = new HashMap<>();
        o.path("values")
                .properties()
                .forEach(e -> values.put(e.getKey(), e.getValue().asText()));
        String otherwise = o.has("otherwise") ? o.path("otherwise").asText() : null;
        return (raw, row, flags) -> {
            String value = Text.compact(raw);
            requireMatch(pattern, value, column);
            if (values.isEmpty()) {
                return value;
            }
            String mapped = values.getOrDefault(value, otherwise);
            if (mapped == null) {
                throw new Unfit("unknown-code", column, "holds a code that the manifest does not list under values");
            }
            return mapped;
        };
    }

    private static OfOne ending(String column, JsonNode o) {
        Map<String, String> values = longestFirst(o.path("values"));
        String otherwise = o.has("otherwise") ? o.path("otherwise").asText() : null;
        return (raw, row, flags) -> {
            String value = Text.name(raw);
            for (Map.Entry<String, String> ending : values.entrySet()) {
                if (value.endsWith(ending.getKey())) {
                    return ending.getValue();
                }
            }
            if (otherwise == null) {
                throw new Unfit("unknown-code", column, "ends with nothing that the manifest lists under values");
            }
            return otherwise;
        };
    }

    private static Map<String, String> longestFirst(JsonNode node) {
        List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(node.properties());
        entries.sort(Comparator.comparingInt(e -> -e.getKey().length()));
        Map<String, String> sorted = new LinkedHashMap<>();
        entries.forEach(e -> sorted.put(e.getKey(), e.getValue().asText()));
        return sorted;
    }

    private static OfOne date(String column, String pattern) {
        boolean iso = pattern.equals("yyyy-MM-dd");
        boolean digits = pattern.equals("yyyyMMdd");
        DateTimeFormatter formatter = strict(pattern);
        return (raw, row, flags) -> {
            String value = Text.compact(raw);
            try {
                if (iso && value.length() == 10 && value.charAt(4) == '-' && value.charAt(7) == '-') {
                    return date(number(value, 0, 4), number(value, 5, 7), number(value, 8, 10));
                }
                if (digits && value.length() == 8) {
                    return date(number(value, 0, 4), number(value, 4, 6), number(value, 6, 8));
                }
                return dateText(LocalDate.parse(value, formatter));
            } catch (DateTimeException | NumberFormatException e) {
                throw new Unfit("invalid-date", column, "is no date of the form " + pattern);
            }
        };
    }

    private static int number(String value, int from, int to) {
        for (int i = from; i < to; i++) {
            if (value.charAt(i) < '0' || value.charAt(i) > '9') {
                throw new NumberFormatException();
            }
        }
        return Integer.parseInt(value, from, to, 10);
    }

    private static String date(int year, int month, int day) {
        return dateText(LocalDate.of(year, month, day));
    }

    private static String dateText(LocalDate date) {
        if (date.getYear() < 1000 || date.getYear() > 9999) {
            throw new DateTimeException("year of four digits expected");
        }
        return date.toString();
    }

    private OfOne timestamp(String column, JsonNode o) {
        Times times = new Times(
                column,
                o.has("pattern") ? o.path("pattern").asText() : null,
                o.has("timeZone") ? ZoneId.of(o.path("timeZone").asText()) : zone);
        return (raw, row, flags) -> times.read(raw).toString();
    }

    /** Reads when a row last changed. */
    Stated stated(Manifest.Updated updated) {
        int at = columns.indexOf(updated.from());
        Times times = new Times(
                updated.from(), updated.pattern(), updated.timeZone() == null ? zone : ZoneId.of(updated.timeZone()));
        return row -> {
            String raw = row[at];
            return raw == null || Text.trim(raw).isEmpty() ? null : times.read(raw);
        };
    }

    /** How a column writes instants. */
    private static final class Times {
        // An offset as PostgreSQL writes it, of hours alone, is one too.
        private static final DateTimeFormatter ISO = new DateTimeFormatterBuilder()
                .append(DateTimeFormatter.ISO_LOCAL_DATE)
                .optionalStart()
                .appendLiteral('T')
                .append(DateTimeFormatter.ISO_LOCAL_TIME)
                .optionalStart()
                .appendOffset("+HH:mm", "Z")
                .optionalEnd()
                .optionalStart()
                .appendOffset("+HH", "Z")
                .optionalEnd()
                .optionalEnd()
                .toFormatter(Locale.ROOT)
                .withResolverStyle(ResolverStyle.STRICT);

        private final String column;
        private final @Nullable String pattern;
        private final DateTimeFormatter formatter;
        private final ZoneId local;

        Times(String column, @Nullable String pattern, ZoneId local) {
            this.column = column;
            this.pattern = pattern;
            this.formatter = pattern == null ? ISO : strict(pattern);
            this.local = local;
        }

        /** The instant that a raw value means; a day alone is its beginning. */
        Instant read(String raw) {
            String value = Text.trim(raw);
            if (pattern == null && value.length() > 10 && value.charAt(10) == ' ') {
                value = value.substring(0, 10) + 'T' + value.substring(11).strip();
            }
            LocalDateTime plain = pattern == null ? plain(value) : null;
            if (plain != null) {
                return plain.atZone(local).toInstant();
            }
            try {
                TemporalAccessor time =
                        formatter.parseBest(value, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
                Instant instant;
                if (time instanceof OffsetDateTime zoned) {
                    instant = zoned.toInstant();
                } else if (time instanceof LocalDateTime dateTime) {
                    instant = dateTime.atZone(local).toInstant();
                } else {
                    instant = LocalDate.from(time).atStartOfDay(local).toInstant();
                }
                int year = instant.atZone(local).getYear();
                if (year < 1000 || year > 9999) {
                    throw new DateTimeException("year of four digits expected");
                }
                return instant;
            } catch (DateTimeException e) {
                throw new Unfit(
                        "invalid-timestamp",
                        column,
                        "is no time of the form " + (pattern == null ? "yyyy-MM-dd HH:mm:ss" : pattern));
            }
        }

        /** The form that databases send, once for every row; null where it is another one or does not exist. */
        private static @Nullable LocalDateTime plain(String value) {
            int length = value.length();
            boolean form = (length == 16 || length == 19 || (length > 20 && length <= 29 && value.charAt(19) == '.'))
                    && value.charAt(4) == '-'
                    && value.charAt(7) == '-'
                    && value.charAt(10) == 'T'
                    && value.charAt(13) == ':'
                    && (length == 16 || value.charAt(16) == ':');
            if (!form) {
                return null;
            }
            try {
                int nanos = 0;
                if (length > 20) {
                    nanos = number(value, 20, length);
                    for (int digits = length - 20; digits < 9; digits++) {
                        nanos *= 10;
                    }
                }
                int year = number(value, 0, 4);
                return year < 1000
                        ? null
                        : LocalDateTime.of(
                                year,
                                number(value, 5, 7),
                                number(value, 8, 10),
                                number(value, 11, 13),
                                number(value, 14, 16),
                                length == 16 ? 0 : number(value, 17, 19),
                                nanos);
            } catch (DateTimeException | NumberFormatException e) {
                return null;
            }
        }
    }

    /** Only with {@code uuuu} does a strict formatter take a year without an era. */
    private static DateTimeFormatter strict(String pattern) {
        return DateTimeFormatter.ofPattern(pattern.replace('y', 'u')).withResolverStyle(ResolverStyle.STRICT);
    }

    private static String idNumber(String column, String raw) {
        String number = ResidentId.normalize(raw);
        if (number.isEmpty()) {
            return "";
        }
        ResidentId.findFault(number).ifPresent(fault -> {
            throw new Unfit(
                    "invalid-id-number",
                    column,
                    switch (fault) {
                        case LENGTH -> "is no ID number: it has neither 18 nor 15 characters";
                        case CHARACTERS -> "is no ID number: it holds other characters than digits and X";
                        case REGION -> "is no ID number: its region was never in force";
                        case DATE -> "is no ID number: its date of birth does not exist";
                        case CHECK -> "is no ID number: its check character is wrong";
                    });
        });
        return number;
    }

    private static String creditCode(String field, String raw, List<Flag> flags) {
        String code = CreditCode.normalize(raw);
        if (code.isEmpty()) {
            return "";
        }
        if (!CreditCode.isWellFormed(code)) {
            flags.add(new Flag(field, "malformed"));
        } else if (!CreditCode.isValid(code)) {
            flags.add(new Flag(field, "check-digit"));
        }
        return code;
    }

    private static String integer(String column, String raw) {
        String value = Text.compact(raw);
        if (!INTEGER.matcher(value).matches()) {
            throw new Unfit("invalid-number", column, "is no whole number of at most 18 digits");
        }
        return Long.toString(Long.parseLong(value));
    }

    private static String decimal(String column, String raw) {
        String value = Text.compact(raw);
        if (!DECIMAL.matcher(value).matches()) {
            throw new Unfit("invalid-number", column, "is no decimal number");
        }
        BigDecimal number = new BigDecimal(value);
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }

    private static OfOne bool(String column, JsonNode o) {
        Map<String, String> values = new HashMap<>();
        o.path("true").forEach(v -> values.put(v.asText(), "true"));
        o.path("false").forEach(v -> values.put(v.asText(), "false"));
        return (raw, row, flags) -> {
            String value = values.get(Text.compact(raw));
            if (value == null) {
                throw new Unfit("unknown-code", column, "holds neither a value for true nor one for false");
            }
            return value;
        };
    }

    private static String phone(String field, String raw, List<Flag> flags) {
        String folded = Text.fold(raw);
        String number = PHONE_NOISE.matcher(folded).replaceAll("");
        if (PHONE.matcher(number).matches()) {
            return number;
        }
        flags.add(new Flag(field, "phone-form"));
        return folded;
    }

    private static void requireMatch(@Nullable Pattern pattern, String value, String column) {
        if (pattern != null && !pattern.matcher(value).matches()) {
            throw new Unfit("pattern-mismatch", column, "is not of the form " + pattern.pattern());
        }
    }
}
