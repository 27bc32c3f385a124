package io.yimen.pool.correction;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.lineage.Lineage;
import io.yimen.pool.survivorship.Golden;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What corrections make of the claims of one entity: a pure function of both.
 *
 * <p>A source record that says nothing of a field neither agrees nor contradicts.
 */
public final class Overlay {
    /** How a correction fares. */
    public enum Verdict {
        /** The sources repeat what it was made against, or say nothing. */
        STANDS,
        /** A source says something that it does not know, or another correction says otherwise. */
        IN_CONFLICT,
        /** All that say anything say the same. */
        AGREED
    }

    /**
     * @param against the source records that say something unknown to it, in order
     */
    public record Judged(Standing correction, Verdict verdict, List<RecordRef> against) {
        public Judged {
            against = List.copyOf(against);
        }
    }

    private Overlay() {}

    /**
     * How each correction fares, in the order of their numbers.
     *
     * @param corrections all that belong to the entity of these claims
     */
    public static List<Judged> judge(List<Claim> claims, Collection<Standing> corrections) {
        List<Judged> judged = new ArrayList<>();
        for (Standing correction : sorted(corrections)) {
            judged.add(judge(claims, correction, corrections));
        }
        return judged;
    }

    private static Judged judge(List<Claim> claims, Standing correction, Collection<Standing> all) {
        List<RecordRef> against = new ArrayList<>();
        int said = 0;
        int agreed = 0;
        for (Claim claim : claims) {
            String value = claim.value(correction.field());
            if (value != null) {
                said++;
                if (value.equals(correction.value())) {
                    agreed++;
                } else if (!correction.known().contains(value)) {
                    against.add(claim.ref());
                }
            }
        }
        against.sort(Comparator.naturalOrder());
        boolean contradicted = all.stream()
                .anyMatch(o -> o.field() == correction.field() && !o.value().equals(correction.value()));
        if (!against.isEmpty() || contradicted) {
            return new Judged(correction, Verdict.IN_CONFLICT, against);
        }
        boolean nothingIsRight = correction.value().isEmpty() && said == 0;
        boolean valueIsRight = said > 0 && agreed == said;
        return new Judged(correction, nothingIsRight || valueIsRight ? Verdict.AGREED : Verdict.STANDS, against);
    }

    /** What is published once these corrections are laid over what survived of the claims. */
    public static Golden over(Golden golden, Collection<Standing> corrections) {
        Golden corrected = golden;
        for (Standing correction : sorted(corrections)) {
            corrected = corrected.corrected(correction.field(), claim(golden, correction));
        }
        return corrected;
    }

    private static Claim claim(Golden golden, Standing correction) {
        @Nullable String[] values = new String[golden.type().fields().size()];
        Arrays.fill(values, null);
        values[correction.field()] = correction.value();
        return new Claim(
                new RecordRef(Lineage.CORRECTIONS, Long.toString(correction.id())),
                Integer.MAX_VALUE,
                values,
                List.of());
    }

    private static List<Standing> sorted(Collection<Standing> corrections) {
        return corrections.stream()
                .sorted(Comparator.comparingLong(Standing::id))
                .toList();
    }
}
