package io.yimen.pool.internal;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.identity.Likeness;
import io.yimen.pool.identity.match.Learned;
import io.yimen.pool.identity.match.MatchRules;
import io.yimen.pool.identity.match.PairGraph;
import io.yimen.pool.identity.match.Scorer;
import io.yimen.pool.identity.match.Weights;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.seal.Vault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The live source records of one entity type and the pairs of them that weights hold to be possible, in memory.
 * Sensitive values are opened to be compared; here alone they stand in clear, and nothing of this is written or logged.
 *
 * <p>Not thread-safe.
 */
public final class RecordGraph implements Likeness {
    private final EntityType type;
    private final Vault vault;
    private final PairGraph pairs;
    private final int[] fields;
    private final Map<String, StreamId> streams = new HashMap<>();
    /** Keys of the records, by their slots. */
    private byte[][] keys = new byte[64][];

    /**
     * @param declared the type's streams; those whose records are unique have no pairs within themselves
     */
    public RecordGraph(EntityType type, Learned learned, Iterable<DeclaredStream> declared, Vault vault) {
        this.type = type;
        this.vault = vault;
        List<String> unique = new ArrayList<>();
        for (DeclaredStream stream : declared) {
            if (stream.type().equals(type)) {
                streams.put(stream.id().toString(), stream.id());
                if (stream.uniqueRecords()) {
                    unique.add(stream.id().toString());
                }
            }
        }
        MatchRules rules = learned.rules();
        this.pairs = new PairGraph(new Learned(rules, learned.weights().withUniqueSources(unique)));
        this.fields = fields(rules, type);
    }

    /** Indexes of the rules' fields in the type; a field that the type lacks has none, -1. */
    static int[] fields(MatchRules rules, EntityType type) {
        return rules.fields().stream()
                .mapToInt(f -> type.findIndex(f.name()).orElse(-1))
                .toArray();
    }

    /** The record exists and says this. */
    public void put(Claim claim) {
        long id = id(claim.ref());
        if (isOfAnother(id, claim.ref())) {
            return;
        }
        pairs.put(id, claim.ref().stream().toString(), values(claim));
        int slot = pairs.slotOf(id);
        if (slot >= keys.length) {
            keys = Arrays.copyOf(keys, slot + (slot >> 1) + 8);
        }
        keys[slot] = claim.ref().key().getBytes(StandardCharsets.UTF_8);
    }

    /** The record is gone. */
    void remove(RecordRef ref) {
        long id = id(ref);
        if (pairs.contains(id) && !isOfAnother(id, ref)) {
            pairs.remove(id);
        }
    }

    /** Compares what has changed; returns the records whose pairs are others than before. */
    Set<RecordRef> refresh() {
        Set<RecordRef> changed = new HashSet<>();
        for (long id : pairs.refresh()) {
            changed.add(ref(id));
        }
        return changed;
    }

    /** Compares all, after many were put. */
    public void load() {
        pairs.load();
    }

    @Override
    public void forEachPair(RecordRef ref, Visitor visitor) {
        long id = id(ref);
        if (contains(ref)) {
            pairs.forEachPair(id, (other, score) -> visitor.pair(ref(other), score));
        }
    }

    @Override
    public double between(RecordRef a, RecordRef b) {
        return contains(a) && contains(b) ? pairs.score(id(a), id(b)) : 0;
    }

    /** What each field says about two records. */
    public List<Scorer.Contribution> explain(RecordRef a, RecordRef b) {
        return contains(a) && contains(b) ? pairs.explain(id(a), id(b)) : List.of();
    }

    @Override
    public double match() {
        return pairs.rules().match();
    }

    /** Log-odds (bits) above which a pair is a match. */
    double matchBits() {
        return Weights.bits(match() / (1 - match()));
    }

    @Override
    public double conflict() {
        return pairs.rules().conflict();
    }

    EntityType type() {
        return type;
    }

    /** The index behind it, for learning. */
    public PairGraph pairs() {
        return pairs;
    }

    boolean contains(RecordRef ref) {
        long id = id(ref);
        return pairs.contains(id) && !isOfAnother(id, ref);
    }

    private @Nullable String[] values(Claim claim) {
        @Nullable String[] values = new String[fields.length];
        for (int i = 0; i < fields.length; i++) {
            String value = fields[i] < 0 ? null : claim.value(fields[i]);
            if (value != null) {
                values[i] = type.fields().get(fields[i]).isSensitive() ? vault.open(value) : value;
            }
        }
        return values;
    }

    private static long id(RecordRef ref) {
        return PairGraph.idOf(ref.path());
    }

    private RecordRef ref(long id) {
        StreamId stream = streams.get(pairs.sourceOf(id));
        if (stream == null) {
            throw new IllegalStateException("Every record was put with a declared stream");
        }
        return new RecordRef(stream, new String(keys[pairs.slotOf(id)], StandardCharsets.UTF_8));
    }

    /** Two names in 2^64 that give one id: the second record is found by its identifiers only. */
    private boolean isOfAnother(long id, RecordRef ref) {
        return pairs.contains(id) && !ref(id).equals(ref);
    }
}
