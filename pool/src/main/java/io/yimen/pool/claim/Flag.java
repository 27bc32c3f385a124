package io.yimen.pool.claim;

/**
 * A doubt about a value that was kept all the same, e.g. a credit code whose check digit is wrong.
 *
 * @param field canonical field name
 * @param code stable code, lower-case with dashes, e.g. {@code check-digit}
 */
public record Flag(String field, String code) {}
