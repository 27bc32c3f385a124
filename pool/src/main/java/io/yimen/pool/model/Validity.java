package io.yimen.pool.model;

/**
 * The fields that say from when to when a record holds.
 *
 * @param from the first day; without a value nobody says since when
 * @param to the last day; without a value nobody says until when
 */
public record Validity(String from, String to) {}
