package io.yimen.pool.identity;

import io.yimen.pool.claim.RecordRef;
import java.util.List;

/**
 * What a person decided, as clustering takes it. Later rulings go before earlier ones.
 *
 * @param number grows with time
 * @param same records that are one entity; empty where nothing is said of that
 * @param left records of which none is one with any of {@code right}
 * @param right the others
 */
public record Ruling(long number, List<RecordRef> same, List<RecordRef> left, List<RecordRef> right) {
    public Ruling {
        same = List.copyOf(same);
        left = List.copyOf(left);
        right = List.copyOf(right);
    }

    /** Whether it says that two records are not one. */
    public boolean keepsApart(RecordRef a, RecordRef b) {
        return left.contains(a) && right.contains(b) || left.contains(b) && right.contains(a);
    }

    @Override
    public String toString() {
        return "ruling " + number;
    }
}
