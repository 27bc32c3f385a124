package io.yimen.pool.internal;

import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.identity.ResidentId;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.IdentifierRule;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What was erased and is not to come back, known by keyed digests of the names of source records and of sensitive
 * identifiers. Costs a pool in which nothing was erased nothing. Immutable.
 */
public final class Tombstones {
    /** Nothing was erased. */
    static final Tombstones NONE = new Tombstones(Map.of());

    // Whatever is long enough to be the number of a person; what it is worth is for the identifier's rule to say.
    private static final Pattern NUMBERS = Pattern.compile("(?<![0-9])[0-9]{15}(?:[0-9]{2}[0-9Xx])?(?![0-9])");

    /** By digest; the fields that are let through all the same, none where nothing is. */
    private final Map<String, Optional<Set<String>>> byDigest;

    /**
     * What is left of an observation.
     *
     * @param left {@code null}: nothing
     * @param ends whether what is left says that the record is gone, because it came to speak of somebody who was erased
     */
    record Sifted(@Nullable Observation left, boolean ends) {}

    private Tombstones(Map<String, Optional<Set<String>>> byDigest) {
        this.byDigest = byDigest;
    }

    /** Those that are about to be. */
    static Tombstones of(Collection<String> digests) {
        Map<String, Optional<Set<String>>> byDigest = new HashMap<>();
        digests.forEach(d -> byDigest.put(d, Optional.empty()));
        return new Tombstones(byDigest);
    }

    /** All there are. */
    public static Tombstones load(Connection db) throws SQLException {
        Map<String, Optional<Set<String>>> byDigest = new HashMap<>();
        try (PreparedStatement select = db.prepareStatement("select digest, keeps from pool.tombstone");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                byDigest.put(
                        row.getString(1),
                        Optional.ofNullable(row.getArray(2)).isEmpty()
                                ? Optional.empty()
                                : Optional.of(Set.copyOf(
                                        Arrays.asList((String[]) row.getArray(2).getArray()))));
            }
        }
        return byDigest.isEmpty() ? NONE : new Tombstones(byDigest);
    }

    /** By what a source record is known here. */
    static String digestOf(RecordRef ref, Vault vault) {
        return digestOf(References.record(ref.stream(), ref.key()), vault);
    }

    /** By what a record or an identifier is known here. */
    static String digestOf(Gate.Target target, Vault vault) {
        return vault.digest("erased", target.name() + ":" + target.value());
    }

    /** Whether it was erased, all of it. */
    public boolean isErased(RecordRef ref, Vault vault) {
        return isErased(References.record(ref.stream(), ref.key()), vault);
    }

    /** Whether it was erased, all of it. */
    public boolean isErased(String identifier, String stored, Vault vault) {
        return isErased(new Gate.Target(identifier, stored), vault);
    }

    private boolean isErased(Gate.Target target, Vault vault) {
        Optional<Set<String>> found = byDigest.get(digestOf(target, vault));
        return found != null && found.isEmpty();
    }

    /** Whether a text holds the number of somebody who was erased. */
    public boolean isErasedIn(String text, PoolModel model, Vault vault) {
        Matcher numbers = NUMBERS.matcher(text);
        while (numbers.find()) {
            String number = ResidentId.normalize(numbers.group());
            for (EntityType type : model.types()) {
                for (IdentifierRule rule : type.identifiers()) {
                    if (holds(rule)
                            && rule.valueOf(number, vault)
                                    .filter(v -> isErased(rule.name(), v, vault))
                                    .isPresent()) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Whether whoever has it is held by it, in whatever system. */
    static boolean holds(IdentifierRule rule) {
        return rule.links() && rule.sensitive();
    }

    /** Whether a record that could not be normalised is not even to wait. */
    boolean keepAway(Rejected rejected, PoolModel model, Vault vault) {
        return !byDigest.isEmpty()
                && (byDigest.containsKey(digestOf(new RecordRef(rejected.stream(), rejected.key()), vault))
                        || isErasedIn(new String(rejected.raw(), StandardCharsets.UTF_8), model, vault));
    }

    /** What may be taken in of an observation. */
    Sifted sift(Observation seen, Vault vault) {
        if (byDigest.isEmpty()) {
            return new Sifted(seen, false);
        }
        Optional<Set<String>> byName = byDigest.get(digestOf(seen.ref(), vault));
        if (byName != null && byName.isEmpty()) {
            return new Sifted(null, false);
        }
        if (seen.deleted()) {
            return new Sifted(seen, false);
        }
        Optional<Set<String>> found = byIdentifier(seen, vault);
        if (found != null && found.isEmpty()) {
            return new Sifted(Observation.gone(seen.stream(), seen.ref(), seen.position()), true);
        }
        Set<String> keeps = byName != null ? byName.get() : found != null ? found.get() : null;
        return new Sifted(cut(seen, keeps, vault), false);
    }

    private @Nullable Optional<Set<String>> byIdentifier(Observation seen, Vault vault) {
        EntityType type = seen.stream().type();
        @Nullable String[] said = null;
        for (IdentifierRule rule : type.identifiers()) {
            if (holds(rule)) {
                if (said == null) {
                    said = seen.values().clone();
                    for (int i = 0; i < said.length; i++) {
                        String value = said[i];
                        said[i] = value == null || value.isEmpty() ? null : value;
                    }
                }
                Optional<Set<String>> found = rule.valueOf(said, type, vault)
                        .map(value -> byDigest.get(digestOf(new Gate.Target(rule.name(), value), vault)))
                        .orElse(null);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    /** Without what was erased of it, and without references to whoever was erased. */
    private Observation cut(Observation seen, @Nullable Set<String> keeps, Vault vault) {
        List<Field> fields = seen.stream().type().fields();
        @Nullable String[] values = seen.values().clone();
        boolean[] carried = seen.carried().clone();
        boolean changed = false;
        for (int i = 0; i < values.length; i++) {
            Field field = fields.get(i);
            String value = values[i];
            if (keeps != null && !keeps.contains(field.name())) {
                values[i] = null;
                carried[i] = false;
                changed = true;
            } else if (field.isReference()
                    && value != null
                    && !value.isEmpty()
                    && isErased(Gate.target(value), vault)) {
                values[i] = "";
                changed = true;
            }
        }
        if (!changed) {
            return seen;
        }
        List<Flag> flags = new ArrayList<>(seen.flags());
        flags.removeIf(f -> keeps != null && !keeps.contains(f.field()));
        return new Observation(
                seen.stream(), seen.ref(), seen.position(), false, values, carried, flags, seen.statedAt());
    }
}
