/**
 * What people put right: corrections of a value that a source says wrongly, supplements of one that no source has, and
 * the tickets by which the owner of the wrong system learns of it.
 *
 * <p>A correction speaks of source records, not of entities, and so holds through mergers, splits, resyncs and
 * rebuilds. It remembers which values of the sources it was made against: those stand aside for it however often they
 * are repeated. A value that it does not know is news and asks a person. Once all that say anything agree with it, it
 * has done its work and retires. See docs/corrections.md.
 *
 * <p>Not here: how it is stored and carried out ({@code internal}).
 */
@NullMarked
package io.yimen.pool.correction;

import org.jspecify.annotations.NullMarked;
