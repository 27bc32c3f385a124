package io.yimen.connectors.extract;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The order of a table's keys, the same in the source database and here; so that a table can be copied in parts, and
 * it can be told which part a record belongs to.
 */
final class KeyOrder {
    /** How values of one column are compared. */
    enum Kind {
        NUMBER,
        /** By code point, which is the order of the bytes in UTF-8. */
        TEXT,
        /** As text, without the blanks at its end, which say nothing there. */
        PADDED,
        UUID
    }

    /**
     * A column of the key.
     *
     * @param expression what the database compares, so that it is ordered as here
     * @param literal how a value is written beside it
     */
    record Part(String column, Kind kind, String expression, UnaryOperator<String> literal) {}

    private final List<Part> parts;
    private final List<String> columns;

    private KeyOrder(List<Part> parts) {
        this.parts = parts;
        this.columns = parts.stream().map(Part::column).toList();
    }

    /**
     * @param key the columns of the primary key, in its order
     * @param partOf how a column is compared; null where that is not known here
     */
    static <C> KeyOrder of(List<C> key, Function<C, @Nullable Part> partOf) {
        List<Part> parts = new ArrayList<>();
        for (C column : key) {
            Part part = partOf.apply(column);
            if (part == null) {
                return new KeyOrder(List.of());
            }
            parts.add(part);
        }
        return new KeyOrder(parts);
    }

    /** The columns of the key, in its order; none where the order is not known here, and only whole tables can be read. */
    List<String> columns() {
        return columns;
    }

    boolean isKnown() {
        return !parts.isEmpty();
    }

    /** As the end of a query. */
    String orderBy() {
        return isKnown() ? " order by " + String.join(", ", expressions()) : "";
    }

    /** As a condition of a query: the records after a key. */
    String after(List<String> key) {
        return "(" + String.join(", ", expressions()) + ") > (" + literals(key) + ")";
    }

    /** As a condition of a query: the records up to a key, which is among them. */
    String upTo(List<String> key) {
        return "(" + String.join(", ", expressions()) + ") <= (" + literals(key) + ")";
    }

    private List<String> expressions() {
        return parts.stream().map(Part::expression).toList();
    }

    private String literals(List<String> key) {
        List<String> literals = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            String value = part.kind() == Kind.PADDED ? unpadded(key.get(i)) : key.get(i);
            literals.add(part.literal().apply(value));
        }
        return String.join(", ", literals);
    }

    int compare(List<String> one, List<String> other) {
        for (int i = 0; i < parts.size(); i++) {
            int order = compare(parts.get(i).kind(), one.get(i), other.get(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static int compare(Kind kind, String one, String other) {
        return switch (kind) {
            case NUMBER -> Long.compare(Long.parseLong(one), Long.parseLong(other));
            case UUID -> one.compareTo(other);
            case TEXT -> compareText(one, other);
            case PADDED -> compareText(unpadded(one), unpadded(other));
        };
    }

    private static int compareText(String one, String other) {
        return Arrays.compareUnsigned(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    private static String unpadded(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        return text.substring(0, end);
    }
}
