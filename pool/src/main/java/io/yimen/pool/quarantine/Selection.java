package io.yimen.pool.quarantine;

import io.yimen.pool.PoolException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of the records that wait are meant: those of one source that fit all that is given.
 *
 * @param stream only of this stream of the source
 * @param reason only with this reason
 * @param key only with this key; a final {@code *} stands for any ending
 * @param since only what was put into quarantine then or later
 * @param until only what was put into quarantine before
 * @param ids only these; empty for all
 */
public record Selection(
        String source,
        @Nullable String stream,
        @Nullable String reason,
        @Nullable String key,
        @Nullable Instant since,
        @Nullable Instant until,
        List<Long> ids) {
    public Selection {
        if (source.isBlank()) {
            throw new PoolException(PoolException.Kind.INVALID, "Name the source whose records are meant");
        }
        for (String text : new @Nullable String[] {source, stream, reason, key}) {
            if (text != null && text.codePoints().anyMatch(c -> c == 0 || (c >= 0xD800 && c <= 0xDFFF))) {
                throw new PoolException(PoolException.Kind.INVALID, "The selection holds broken characters");
            }
        }
        ids = List.copyOf(ids);
    }

    /** All that waits of a source. */
    public static Selection of(String source) {
        return new Selection(source, null, null, null, null, null, List.of());
    }

    /** These records of a source. */
    public static Selection of(String source, List<Long> ids) {
        return new Selection(source, null, null, null, null, null, ids);
    }

    @Override
    public String toString() {
        return "selection of " + source;
    }
}
