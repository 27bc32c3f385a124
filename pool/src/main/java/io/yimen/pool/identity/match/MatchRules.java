package io.yimen.pool.identity.match;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * How records of one entity type are recognised, as data.
 *
 * @param name of the document
 * @param version grows with every change; learned weights are kept with it
 * @param entity type of the model
 * @param fields what is read and compared
 * @param blocks what makes two records candidates: one shared key is enough
 * @param match probability from which two records are the same
 * @param possible probability from which a person should look
 * @param conflict log-odds (bits) below which a pair keeps two clusters apart whatever the others say
 * @param never levels that forbid a match
 * @param require levels of which a match needs one; without any a pair is possible at most; empty: nothing is required
 * @param doubt levels with which a pair is possible at most
 * @param unique whether sources are taken to be free of duplicates
 * @param cap largest block that is compared in full
 */
public record MatchRules(
        String name,
        int version,
        String entity,
        List<Field> fields,
        List<Block> blocks,
        double match,
        double possible,
        double conflict,
        List<At> never,
        List<At> require,
        List<Doubt> doubt,
        Unique unique,
        int cap) {

    /** Whether one source holds an entity at most once. */
    public enum Unique {
        /** Learned from each source. */
        DETECT,
        ALL,
        NONE
    }

    /**
     * One field.
     *
     * @param columns names under which files bring it
     * @param tf whether agreement on a rare value weighs more
     * @param swaps field with which this one is exchanged at times, or -1
     * @param impliedBy fields that, when they agree, make this one no news
     * @param derive field from whose identity number a missing value is read, or -1
     * @param shared whether a household has it in common: all such fields together can narrow the search to the
     *     household, no further
     * @param strip fields whose text is taken off the front (a division's name before a community's)
     */
    public record Field(
            String name,
            String kind,
            List<String> columns,
            boolean tf,
            int swaps,
            List<Integer> impliedBy,
            int derive,
            List<Integer> strip,
            boolean shared) {
        /** Copies. */
        public Field {
            columns = List.copyOf(columns);
            impliedBy = List.copyOf(impliedBy);
            strip = List.copyOf(strip);
        }
    }

    /** A part of a field in a key: {@code all}, {@code prefixN}, {@code suffixN} or one that the kind knows. */
    public record Part(int field, String part) {}

    /** A key and the parts that divide it when too many share it. */
    public record Block(List<Part> key, List<Part> refine) {
        /** Copies. */
        public Block {
            key = List.copyOf(key);
            refine = List.copyOf(refine);
        }
    }

    /** A level of a field that forbids a match, or one that a match may rest on. */
    public record At(int field, int level) {}

    /**
     * A level of a field with which a pair is possible at most.
     *
     * @param unless fields of which one that is the same takes the doubt away
     */
    public record Doubt(int field, int level, List<Integer> unless) {
        /** Copies. */
        public Doubt {
            unless = List.copyOf(unless);
        }
    }

    /** Copies. */
    public MatchRules {
        fields = List.copyOf(fields);
        blocks = List.copyOf(blocks);
        never = List.copyOf(never);
        require = List.copyOf(require);
        doubt = List.copyOf(doubt);
    }

    /** Log-odds (bits) above which a pair is a match. */
    public double matchBits() {
        return Weights.bits(match / (1 - match));
    }

    /** Log-odds (bits) from which a person should look at a pair. */
    public double possibleBits() {
        return Weights.bits(possible / (1 - possible));
    }

    /** Reads a document; refuses what it does not understand with line and remedy. */
    public static MatchRules parse(String origin, String yaml) {
        return new RulesReader(origin).read(yaml);
    }

    /** One of the documents that come with the pool. */
    public static Optional<MatchRules> named(String name) throws IOException {
        if (!name.matches("[a-z0-9-]+")) {
            return Optional.empty();
        }
        try (InputStream in = MatchRules.class.getResourceAsStream("/io/yimen/pool/rules/" + name + ".yaml")) {
            return in == null
                    ? Optional.empty()
                    : Optional.of(parse(name + ".yaml", new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        }
    }

    FieldKind kind(int field) {
        return java.util.Objects.requireNonNull(
                FieldKind.all().get(fields.get(field).kind()));
    }
}
