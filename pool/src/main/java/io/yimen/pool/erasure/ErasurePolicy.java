package io.yimen.pool.erasure;

/**
 * How erasures are dealt with.
 *
 * @param fourEyes whether somebody else than who requests it has to accept it
 * @param rules legal grounds, and what is to be kept
 */
public record ErasurePolicy(boolean fourEyes, ErasureRules rules) {}
