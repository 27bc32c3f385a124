package io.yimen.pool.internal;

import io.yimen.pool.HeldMemory;
import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.identity.Likeness;
import io.yimen.pool.identity.match.Learned;
import io.yimen.pool.identity.match.MatchRules;
import io.yimen.pool.identity.match.PairGraph;
import io.yimen.pool.identity.match.RecordKeys;
import io.yimen.pool.identity.match.Scorer;
import io.yimen.pool.identity.match.Slots;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.IdentifierRule;
import io.yimen.pool.seal.Vault;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
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
    /** The same by the numbers that the pairs give them. */
    private final List<StreamId> numbered = new ArrayList<>();

    private final RecordKeys keys = new RecordKeys();
    /** Absent in a graph that only compares. */
    private final @Nullable HeldIdentifiers held;
    /** Records whose ids are those of others, two names in 2^64: they have no pairs, and are found by these only. */
    private final Map<RecordRef, Set<Identifiers.Value>> apart = new HashMap<>();
    /** What was asked for since anything changed: a batch asks for the same pairs up to five times. */
    private final Map<RecordRef, Near> near = new HashMap<>();

    private static final int ASKED = 10_000;

    /** Pairs of one record. */
    private record Near(RecordRef[] others, double[] scores) {
        static final Near NOBODY = new Near(new RecordRef[0], new double[0]);
    }

    /**
     * @param declared the type's streams; those whose records are unique have no pairs within themselves
     */
    public RecordGraph(EntityType type, Learned learned, Iterable<DeclaredStream> declared, Vault vault) {
        this(type, learned, declared, vault, null);
    }

    private RecordGraph(
            EntityType type,
            Learned learned,
            Iterable<DeclaredStream> declared,
            Vault vault,
            @Nullable HeldIdentifiers held) {
        this.held = held;
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

    /** The same, which also keeps what the records are identified by. */
    static RecordGraph identifying(EntityType type, Learned learned, Iterable<DeclaredStream> declared, Vault vault) {
        List<String> names =
                type.identifiers().stream().map(IdentifierRule::name).toList();
        return new RecordGraph(type, learned, declared, vault, new HeldIdentifiers(names));
    }

    /** Indexes of the rules' fields in the type; a field that the type lacks has none, -1. */
    static int[] fields(MatchRules rules, EntityType type) {
        return rules.fields().stream()
                .mapToInt(f -> type.findIndex(f.name()).orElse(-1))
                .toArray();
    }

    /** The record exists and says this. */
    public void put(Claim claim) {
        put(claim, vault, held == null ? Set.of() : Identifiers.of(claim.values(), type, vault));
    }

    /**
     * The record exists and says this.
     *
     * @param opener the vault, or one that remembers what the claim says
     * @param identifiers what it is identified by
     */
    void put(Claim claim, Vault opener, Set<Identifiers.Value> identifiers) {
        RecordRef ref = claim.ref();
        long id = id(ref);
        int known = pairs.slotOf(id);
        if (known >= 0 && !isIn(known, ref)) {
            apart.put(ref, identifiers);
            return;
        }
        near.clear();
        int slot = pairs.put(id, ref.stream().toString(), values(claim, opener));
        if (slot != known) {
            keys.put(slot, ref.key());
            if (held != null && known >= 0) {
                held.remove(known);
            }
        }
        if (held != null) {
            held.put(slot, identifiers);
        }
    }

    /** The record is gone. */
    void remove(RecordRef ref) {
        int slot = slotOf(ref);
        if (slot >= 0) {
            near.clear();
            pairs.remove(id(ref));
            if (held != null) {
                held.remove(slot);
            }
        } else {
            apart.remove(ref);
        }
    }

    /** What a record is identified by; {@code null} if it is not there. Only of a graph that keeps this. */
    @Nullable
    Set<Identifiers.Value> identifiersOf(RecordRef ref) {
        int slot = slotOf(ref);
        return slot >= 0 ? held().of(slot) : apart.get(ref);
    }

    /** Tells all records that hold a value. Only of a graph that keeps this. */
    void forEachHolder(Identifiers.Value value, Consumer<RecordRef> visitor) {
        held().forEachHolder(value, slot -> visitor.accept(ref(slot)));
        apart.forEach((ref, values) -> {
            if (values.contains(value)) {
                visitor.accept(ref);
            }
        });
    }

    private HeldIdentifiers held() {
        return Objects.requireNonNull(held, "the graph was made to keep identifiers");
    }

    /** Compares what has changed; returns the records whose pairs are others than before. */
    Set<RecordRef> refresh() {
        near.clear();
        Slots told = pairs.refresh();
        Set<RecordRef> changed = new HashSet<>();
        for (int i = 0; i < told.size(); i++) {
            changed.add(ref(told.get(i)));
        }
        return changed;
    }

    /** Compares all, after many were put. */
    public void load() {
        near.clear();
        pairs.load();
    }

    @Override
    public void forEachPair(RecordRef ref, Visitor visitor) {
        Near known = near.get(ref);
        if (known == null) {
            if (near.size() == ASKED) {
                near.clear();
            }
            known = near(slotOf(ref));
            near.put(ref, known);
        }
        for (int i = 0; i < known.others.length; i++) {
            visitor.pair(known.others[i], known.scores[i]);
        }
    }

    private Near near(int slot) {
        int n = slot < 0 ? 0 : pairs.count(slot);
        if (n == 0) {
            return Near.NOBODY;
        }
        RecordRef[] others = new RecordRef[n];
        double[] scores = new double[n];
        for (int i = 0; i < n; i++) {
            others[i] = ref(pairs.other(slot, i));
            scores[i] = pairs.score(slot, i);
        }
        return new Near(others, scores);
    }

    @Override
    public double between(RecordRef a, RecordRef b) {
        return slotOf(a) >= 0 && slotOf(b) >= 0 ? pairs.score(id(a), id(b)) : 0;
    }

    /** Whether a rule forbids that one of the first records is one with one of the others. */
    boolean forbids(Collection<RecordRef> records, Collection<RecordRef> others) {
        for (RecordRef a : records) {
            for (RecordRef b : others) {
                if (between(a, b) <= Scorer.NEVER) {
                    return true;
                }
            }
        }
        return false;
    }

    /** What each field says about two records. */
    public List<Scorer.Contribution> explain(RecordRef a, RecordRef b) {
        return slotOf(a) >= 0 && slotOf(b) >= 0 ? pairs.explain(id(a), id(b)) : List.of();
    }

    @Override
    public double match() {
        return pairs.rules().match();
    }

    @Override
    public double conflict() {
        return pairs.rules().conflict();
    }

    /** The rules by which it compares. */
    public MatchRules rules() {
        return pairs.rules();
    }

    /** The index behind it, for learning. */
    public PairGraph pairs() {
        return pairs;
    }

    /** What its records take in memory. */
    HeldMemory heldMemory() {
        return new HeldMemory(pairs.size(), pairs.bytes(), keys.bytes(), held == null ? 0 : held.bytes());
    }

    private @Nullable String[] values(Claim claim, Vault opener) {
        @Nullable String[] values = new String[fields.length];
        for (int i = 0; i < fields.length; i++) {
            String value = fields[i] < 0 ? null : claim.value(fields[i]);
            if (value != null) {
                values[i] = type.fields().get(fields[i]).isSensitive() ? opener.open(value) : value;
            }
        }
        return values;
    }

    /** Of {@link RecordRef#path}, without making it. */
    private static long id(RecordRef ref) {
        return PairGraph.idOf(ref.stream().toString(), "/", ref.key());
    }

    private RecordRef ref(int slot) {
        return new RecordRef(stream(slot), keys.get(slot));
    }

    private StreamId stream(int slot) {
        int source = pairs.sourceAt(slot);
        while (numbered.size() <= source) {
            numbered.add(Objects.requireNonNull(
                    streams.get(pairs.source(numbered.size())), "every record was put with a declared stream"));
        }
        return numbered.get(source);
    }

    /** Where a record is; -1 if it is not there. */
    private int slotOf(RecordRef ref) {
        int slot = pairs.slotOf(id(ref));
        return slot >= 0 && isIn(slot, ref) ? slot : -1;
    }

    private boolean isIn(int slot, RecordRef ref) {
        return ref.stream().equals(stream(slot)) && keys.is(slot, ref.key());
    }
}
