/**
 * What people decide about who is who and about the rules: proposals with their effect shown first, decisions that bind
 * the machine, the queue of pairs that wait for a person, and versions of the rules. Every decision is kept for good;
 * the latest one on a pair of source records holds.
 */
@NullMarked
package io.yimen.pool.steward;

import org.jspecify.annotations.NullMarked;
