package io.yimen.pool.identity.match;

import java.util.List;
import java.util.Map;

/**
 * What a field holds: how it is normalised when a record arrives, how alike two values are, and what parts of it may
 * serve in a blocking key. Comparing is symmetric and, by code point, the same in every place.
 */
interface FieldKind {
    /** Name in the rules. */
    String id();

    /** Leaves the comparable form in {@code into}; empty when the text says nothing. */
    void prepare(String raw, Value into);

    /** From alike to different. The first is sameness, the last is "different". At most seven. */
    List<String> levels();

    /** Index into {@link #levels()} for two prepared values, none of which is empty. */
    int level(Value a, Value b, Edits edits);

    /** Whether values that are written differently are never the same to it. */
    default boolean isExact() {
        return true;
    }

    /** Whether a prepared value proves itself: two such that differ are at level {@link #apart}, whatever they say. */
    default boolean isProven(Value v) {
        return false;
    }

    /** Level of two proven values that differ; -1 where nothing proves itself. */
    default int apart() {
        return -1;
    }

    /**
     * Sixteen bits of a prepared value that is not empty, kept beside its record, by which most values that have little in
     * common are told apart without reading them; 0 where there is nothing to tell.
     */
    default int sketch(Value v) {
        return 0;
    }

    /** Whether two values with these sketches are at level {@link #far} or a later one, whatever they say. */
    default boolean isFar(int a, int b) {
        return false;
    }

    /** First of the levels of two values whose sketches are far from each other; -1 where there are no sketches. */
    default int far() {
        return -1;
    }

    /** What true pairs look like before anything is learned: one share a level. */
    double[] expected();

    /** Parts for blocking keys beside {@code all} and {@code prefixN}; never null. */
    default List<String> parts() {
        return List.of();
    }

    /**
     * Hash of a part of a prepared value that is not empty, 0 where it has none.
     *
     * @param part index into {@link #parts()}
     */
    default long part(int part, Value v) {
        throw new IllegalArgumentException(id() + " has no part " + part);
    }

    /** All kinds by their name in the rules. */
    static Map<String, FieldKind> all() {
        return FieldKinds.BY_ID;
    }
}
