package io.yimen.pool.ledger;

import io.yimen.pool.survivorship.Rule;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where every value of a record comes from, why it won, and what the other source records say.
 *
 * @param id entity id, after redirects
 * @param sourceRecords the live source records behind it
 * @param fields in the model's order; only fields of which a source record says something
 */
public record Explanation(long id, List<SourceRecord> sourceRecords, List<FieldLineage> fields) {
    public Explanation {
        sourceRecords = List.copyOf(sourceRecords);
        fields = List.copyOf(fields);
    }

    /**
     * A source record behind the entity.
     *
     * @param position {@code epoch/offset}
     * @param statedAt when it last changed, as the source says
     * @param decision MATCH, POSSIBLE_MATCH, NO_MATCH or POSSIBLE_DUPLICATE
     * @param origin AUTO or MANUAL
     * @param rule identifier that linked it to the others; {@code null} where it stands alone
     */
    public record SourceRecord(
            String source,
            String sourceTitle,
            String stream,
            String key,
            String position,
            Instant observedAt,
            @Nullable Instant statedAt,
            String decision,
            String origin,
            @Nullable String rule) {}

    /**
     * @param field canonical field name
     * @param rule survivorship rule that decided
     * @param criteria what the rules ask of this field, in this order
     * @param exception beginning of the division code of the place by whose exception it was decided
     * @param claims in the order in which they stand, the winner first; those that take no part last
     */
    public record FieldLineage(
            String field,
            String rule,
            List<String> criteria,
            @Nullable String exception,
            List<FieldClaim> claims) {
        public FieldLineage {
            criteria = List.copyOf(criteria);
            claims = List.copyOf(claims);
        }
    }

    /**
     * What one source record says of one field.
     *
     * @param value as text, masked where sensitive; a reference by the title of what it leads to, or as it was claimed
     *     where that is unknown or may not be seen; {@code null} where the record says that there is nothing
     * @param rank its place among all claims, from 1; {@code null} where it takes no part, because an empty value does
     *     not count
     * @param lostBy what told it apart from the winner; {@code null} where it won or says the same
     */
    public record FieldClaim(
            @Nullable String value,
            boolean masked,
            boolean won,
            @Nullable Integer rank,
            @Nullable String lostBy,
            String source,
            String sourceTitle,
            String stream,
            String key,
            String position,
            Instant observedAt,
            @Nullable Instant statedAt,
            List<String> flags) {
        public FieldClaim {
            flags = List.copyOf(flags);
        }

        /** The same, where a person's correction stands before all sources. */
        FieldClaim behind(@Nullable String corrected) {
            return new FieldClaim(
                    value,
                    masked,
                    false,
                    rank == null ? null : rank + 1,
                    Objects.equals(value, corrected) ? null : Rule.CORRECTED.wireName(),
                    source,
                    sourceTitle,
                    stream,
                    key,
                    position,
                    observedAt,
                    statedAt,
                    flags);
        }

        @Override
        public String toString() {
            return "claim of " + source + "/" + stream;
        }
    }
}
