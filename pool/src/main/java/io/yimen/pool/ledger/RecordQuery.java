package io.yimen.pool.ledger;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a ledger.
 *
 * @param entityType type, as the model names it
 * @param search part of the title, or {@code null}
 * @param place id of a place: its records and those of all places below it; or {@code null}
 * @param filters all must hold
 * @param sort the order, with the id as tie-break
 * @param descending whether the order is turned round
 * @param cursor of the page before, or {@code null} for the first; good for the same question only
 * @param limit 1–{@value #MAX_LIMIT}
 * @param asOf the instant as of which to read, or {@code null} for now
 * @param validAt only what held on that day by the dates that sources give, or {@code null} for everything
 * @param explain whether to tell system, age and flags of every value
 * @param total whether to count; done on the first page only
 */
public record RecordQuery(
        String entityType,
        @Nullable String search,
        @Nullable Long place,
        List<Filter> filters,
        Sort sort,
        boolean descending,
        @Nullable String cursor,
        int limit,
        @Nullable Instant asOf,
        @Nullable LocalDate validAt,
        boolean explain,
        boolean total) {
    public static final int MAX_LIMIT = 200;

    /** By what a ledger is ordered. */
    public enum Sort {
        TITLE,
        UPDATED_AT
    }

    /**
     * A field and the value it must have. A reference is compared by the entity id it leads to; a sensitive field by
     * its whole value.
     */
    public record Filter(String field, String value) {
        @Override
        public String toString() {
            return "filter on " + field;
        }
    }

    public RecordQuery {
        filters = List.copyOf(filters);
    }

    /** The first 50 records of a type by title. */
    public static RecordQuery of(String entityType) {
        return new RecordQuery(
                entityType, null, null, List.of(), Sort.TITLE, false, null, 50, null, null, false, false);
    }

    public RecordQuery withSearch(@Nullable String text) {
        return new RecordQuery(
                entityType, text, place, filters, sort, descending, cursor, limit, asOf, validAt, explain, total);
    }

    public RecordQuery withPlace(@Nullable Long placeId) {
        return new RecordQuery(
                entityType, search, placeId, filters, sort, descending, cursor, limit, asOf, validAt, explain, total);
    }

    public RecordQuery withFilters(List<Filter> all) {
        return new RecordQuery(
                entityType, search, place, all, sort, descending, cursor, limit, asOf, validAt, explain, total);
    }

    /** Adds one filter. */
    public RecordQuery withFilter(String field, String value) {
        var all = new java.util.ArrayList<>(filters);
        all.add(new Filter(field, value));
        return withFilters(all);
    }

    public RecordQuery withSort(Sort by, boolean desc) {
        return new RecordQuery(
                entityType, search, place, filters, by, desc, cursor, limit, asOf, validAt, explain, total);
    }

    public RecordQuery withCursor(@Nullable String after) {
        return new RecordQuery(
                entityType, search, place, filters, sort, descending, after, limit, asOf, validAt, explain, total);
    }

    public RecordQuery withLimit(int max) {
        return new RecordQuery(
                entityType, search, place, filters, sort, descending, cursor, max, asOf, validAt, explain, total);
    }

    public RecordQuery withAsOf(@Nullable Instant instant) {
        return new RecordQuery(
                entityType, search, place, filters, sort, descending, cursor, limit, instant, validAt, explain, total);
    }

    public RecordQuery withValidAt(@Nullable LocalDate day) {
        return new RecordQuery(
                entityType, search, place, filters, sort, descending, cursor, limit, asOf, day, explain, total);
    }

    public RecordQuery withExplain(boolean told) {
        return new RecordQuery(
                entityType, search, place, filters, sort, descending, cursor, limit, asOf, validAt, told, total);
    }

    public RecordQuery withTotal(boolean counted) {
        return new RecordQuery(
                entityType, search, place, filters, sort, descending, cursor, limit, asOf, validAt, explain, counted);
    }

    @Override
    public String toString() {
        return "query of " + entityType;
    }
}
