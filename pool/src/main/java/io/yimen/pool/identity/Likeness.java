package io.yimen.pool.identity;

import io.yimen.pool.claim.RecordRef;

/** What weights say about records of one entity type. */
public interface Likeness {
    /** What is told of a pair. */
    interface Visitor {
        /** @param score log-odds (bits) that the two are the same */
        void pair(RecordRef other, double score);
    }

    /** Tells all pairs of a record that are at least possible. */
    void forEachPair(RecordRef ref, Visitor visitor);

    /** Log-odds (bits) that two records are the same. */
    double between(RecordRef a, RecordRef b);

    /** Probability above which a pair is a match. */
    double match();

    /** Log-odds (bits) below which a pair keeps two clusters apart. */
    double conflict();
}
