package io.yimen.pool.run;

import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Somebody's wish that streams of a source be read again from their beginning.
 *
 * @param id its number; a later wish has a greater one
 * @param source the system
 * @param streams at least one
 * @param askedBy login, or who called the command
 */
public record Reread(long id, String source, SortedSet<String> streams, String askedBy, Instant askedAt) {
    public Reread {
        streams = Collections.unmodifiableSortedSet(new TreeSet<>(streams));
        if (streams.isEmpty()) {
            throw new IllegalArgumentException("a wish names the streams that are to be read again");
        }
    }

    /** The streams of several wishes. */
    public static SortedSet<String> streamsOf(Collection<Reread> wishes) {
        SortedSet<String> all = new TreeSet<>();
        wishes.forEach(wish -> all.addAll(wish.streams()));
        return all;
    }

    @Override
    public String toString() {
        return "wish " + id + " to read " + String.join(", ", streams) + " of " + source + " again";
    }
}
