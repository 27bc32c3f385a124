package io.yimen.pool.survivorship;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A claim, said step by step. Sensitive values are given in clear. */
final class Claims {
    static final PoolModel MODEL = PoolModel.standard();
    static final Vault VAULT = Vault.of(new byte[32]);

    private final EntityType type;
    private final RecordRef ref;
    private final @Nullable String[] values;
    private final List<Flag> flags = new ArrayList<>();
    private int trust = 50;
    private @Nullable Instant statedAt;

    private Claims(String type, String path) {
        String[] parts = path.split("/");
        this.type = MODEL.getType(type);
        this.ref = new RecordRef(new StreamId(parts[0], parts[1]), parts[2]);
        this.values = new String[this.type.fields().size()];
    }

    /** @param path source/stream/key */
    static Claims of(String type, String path) {
        return new Claims(type, path);
    }

    Claims trusted(int trust) {
        this.trust = trust;
        return this;
    }

    /** @param value empty where it says that there is nothing */
    Claims says(String field, String value) {
        int index = type.findIndex(field).orElseThrow();
        boolean seal = type.fields().get(index).isSensitive() && !value.isEmpty();
        values[index] = seal ? VAULT.seal(value) : value;
        return this;
    }

    Claims doubted(String field) {
        flags.add(new Flag(field, "check-digit"));
        return this;
    }

    Claims stated(String at) {
        statedAt = Instant.parse(at.length() == 10 ? at + "T00:00:00Z" : at);
        return this;
    }

    Claim done() {
        return new Claim(ref, trust, values, flags, statedAt);
    }
}
