package io.yimen.pool.ledger;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How complete, right and fresh a ledger is.
 *
 * @param place of which it tells; {@code null}: of all that may be seen
 * @param filled records that have a value, by field, in the model's order
 * @param places those right below; without records outside of them
 */
public record QualityReport(
        String entityType,
        @Nullable Reference place,
        Instant at,
        long records,
        Map<String, Long> filled,
        List<OfStream> streams,
        List<OfPlace> places) {
    public QualityReport {
        filled = Collections.unmodifiableMap(new LinkedHashMap<>(filled));
        streams = List.copyOf(streams);
        places = List.copyOf(places);
    }

    /**
     * What one stream says of the ledger.
     *
     * @param records live source records
     * @param lastSaidAt when it last said anything
     * @param medianSaidAt half of what it says is older, by the source's own time where it states one
     * @param fields by name, in the model's order; those of which it says something
     */
    public record OfStream(
            String source,
            String title,
            String stream,
            long records,
            Instant lastSaidAt,
            Instant medianSaidAt,
            Instant oldestSaidAt,
            Map<String, Said> fields) {
        public OfStream {
            fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
        }
    }

    /**
     * How right it is.
     *
     * @param said source records that have a value
     * @param differing of them those that say something else than is published
     * @param corrected source records that a correction found wrong which was upheld, ever
     */
    public record Said(long said, long differing, long corrected) {
        static final Said NOTHING = new Said(0, 0, 0);

        Said and(long moreSaid, long moreDiffering, long moreCorrected) {
            return new Said(said + moreSaid, differing + moreDiffering, corrected + moreCorrected);
        }
    }

    /**
     * A place with all below it.
     *
     * @param filled share of the fields that have a value, 0 to 1
     */
    public record OfPlace(Reference place, long records, double filled, Said said) {}
}
