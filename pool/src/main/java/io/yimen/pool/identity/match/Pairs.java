package io.yimen.pool.identity.match;

import java.util.Arrays;

/** Scored pairs of numbers. */
public final class Pairs {
    private int[] first = new int[256];
    private int[] second = new int[256];
    private float[] score = new float[256];
    private int size;

    public int size() {
        return size;
    }

    public int first(int i) {
        return first[i];
    }

    public int second(int i) {
        return second[i];
    }

    /** Log-odds (bits) that the two are the same. */
    public double score(int i) {
        return score[i];
    }

    /** Adds a pair; the score is kept as a float. */
    public void add(int a, int b, double s) {
        if (size == first.length) {
            int larger = size * 2;
            first = Arrays.copyOf(first, larger);
            second = Arrays.copyOf(second, larger);
            score = Arrays.copyOf(score, larger);
        }
        first[size] = a;
        second[size] = b;
        score[size++] = (float) s;
    }
}
