package io.yimen.connectors.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import io.yimen.connectors.manifest.Manifest;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * From a canonical value back to the raw one of the column that it is made of. What it gives is always read again: a
 * raw value of which the mapping would not make the very value is none. Compiled once; immutable.
 */
public final class Inverse {
    private final Manifest.FieldRule rule;
    private final Columns columns;
    private final Functions.Compiled reading;
    private final int at;

    private Inverse(Manifest.FieldRule rule, Columns columns, ZoneId zone) {
        this.rule = rule;
        this.columns = columns;
        this.reading = new Functions(columns, zone).compile(rule);
        this.at = columns.indexOf(column());
    }

    /**
     * The way back of a field.
     *
     * @throws IllegalArgumentException if there is none, or the stream has no such field
     */
    public static Inverse of(Manifest.Stream stream, String field, ZoneId zone) {
        Manifest.FieldRule rule = stream.fields().stream()
                .filter(r -> r.name().equals(field) && r.isReversible())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(stream.id() + " has no way back for " + field));
        List<String> needed = new ArrayList<>(rule.from());
        needed.addAll(Functions.columnsInPrefixes(rule));
        return new Inverse(rule, new Columns(needed), zone);
    }

    /** The columns that rows must carry, aligned with them; all that the field is made of. */
    public Columns columns() {
        return columns;
    }

    /** The column that the raw value belongs into. */
    public String column() {
        return rule.from().get(0);
    }

    /** The canonical value of a row, empty for nothing; no answer where the row does not fit the mapping. */
    public Optional<String> read(@Nullable String[] row) {
        try {
            return Optional.ofNullable(reading.apply(row, new ArrayList<>(0)));
        } catch (Unfit e) {
            return Optional.empty();
        }
    }

    /**
     * The raw value that makes {@code value} of this row; empty text for nothing, no answer where the system has no way
     * to say it.
     */
    public Optional<String> raw(@Nullable String[] row, String value) {
        for (String candidate : candidates(row, value)) {
            @Nullable String[] changed = row.clone();
            changed[at] = candidate;
            if (read(changed).filter(value::equals).isPresent()) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private List<String> candidates(@Nullable String[] row, String value) {
        if (value.isEmpty()) {
            return List.of("");
        }
        JsonNode options = rule.options();
        return switch (rule.function()) {
            case "text" -> unframed(options.path("format").asText("{}"), value);
            case "name" -> names(row, value);
            case "code" -> options.has("values") ? codes(options.path("values"), value) : List.of(value);
            case "boolean" -> texts(options.path(value));
            case "date" -> dates(options.path("pattern").asText("yyyy-MM-dd"), value);
            default -> List.of(value);
        };
    }

    private static List<String> unframed(String format, String value) {
        int hole = format.indexOf("{}");
        String before = format.substring(0, hole);
        String after = format.substring(hole + 2);
        boolean framed =
                value.length() >= before.length() + after.length() && value.startsWith(before) && value.endsWith(after);
        return framed ? List.of(value.substring(before.length(), value.length() - after.length())) : List.of();
    }

    /** As the row writes it: with what stands before the name there, else alone. */
    private List<String> names(@Nullable String[] row, String value) {
        String raw = row[at];
        String name = read(row).orElse("");
        if (raw == null || name.isEmpty() || !raw.endsWith(name)) {
            return List.of(value);
        }
        return List.of(raw.substring(0, raw.length() - name.length()) + value, value);
    }

    private static List<String> codes(JsonNode values, String value) {
        return values.properties().stream()
                .filter(e -> e.getValue().asText().equals(value))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(v -> texts.add(v.asText()));
        return texts;
    }

    private static List<String> dates(String pattern, String value) {
        try {
            return List.of(DateTimeFormatter.ofPattern(pattern).format(LocalDate.parse(value)));
        } catch (DateTimeException e) {
            return List.of();
        }
    }
}
