package io.yimen.connectors.extract;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The order of a table's keys, the same in the source database and here; so that a table can be copied in parts, and
 * it can be told which part a record belongs to.
 */
final class KeyOrder {
    /** How values of one column are compared. */
    private enum Kind {
        NUMBER,
        /** By code point, which is the order of the bytes in UTF-8. */
        TEXT,
        /** As text, without the blanks at its end, which say nothing there. */
        PADDED,
        UUID
    }

    private static final Map<String, Kind> KINDS = Map.of(
            "int2", Kind.NUMBER,
            "int4", Kind.NUMBER,
            "int8", Kind.NUMBER,
            "text", Kind.TEXT,
            "varchar", Kind.TEXT,
            "bpchar", Kind.PADDED,
            "uuid", Kind.UUID);

    private final List<String> columns;
    private final List<Kind> kinds;

    private KeyOrder(List<String> columns, List<Kind> kinds) {
        this.columns = columns;
        this.kinds = kinds;
    }

    /**
     * @param key the columns of the primary key, in its order
     * @param utf8 whether the database keeps its text in UTF-8
     */
    static KeyOrder of(List<SourceDatabase.Column> key, boolean utf8) {
        List<Kind> kinds = new ArrayList<>();
        for (SourceDatabase.Column column : key) {
            Kind kind = KINDS.get(column.type());
            if (kind == null || (!utf8 && (kind == Kind.TEXT || kind == Kind.PADDED))) {
                return new KeyOrder(List.of(), List.of());
            }
            kinds.add(kind);
        }
        return new KeyOrder(key.stream().map(SourceDatabase.Column::name).toList(), kinds);
    }

    /** The columns of the key, in its order; none where the order is not known here, and only whole tables can be read. */
    List<String> columns() {
        return columns;
    }

    boolean isKnown() {
        return !columns.isEmpty();
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
        List<String> expressions = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            String column = SourceDatabase.quoted(columns.get(i));
            expressions.add(
                    switch (kinds.get(i)) {
                        case NUMBER, UUID -> column;
                        case TEXT, PADDED -> column + "::text collate \"C\"";
                    });
        }
        return expressions;
    }

    private String literals(List<String> key) {
        List<String> literals = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            Kind kind = kinds.get(i);
            String value = kind == Kind.PADDED ? unpadded(key.get(i)) : key.get(i);
            String literal = "'" + value.replace("'", "''") + "'";
            literals.add(
                    switch (kind) {
                        case NUMBER -> literal + "::bigint";
                        case UUID -> literal + "::uuid";
                        case TEXT, PADDED -> literal + "::text";
                    });
        }
        return String.join(", ", literals);
    }

    int compare(List<String> one, List<String> other) {
        for (int i = 0; i < columns.size(); i++) {
            int order = compare(kinds.get(i), one.get(i), other.get(i));
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
