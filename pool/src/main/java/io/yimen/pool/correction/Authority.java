package io.yimen.pool.correction;

import io.yimen.pool.ledger.Scope;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who acts, and what he or she may accept.
 *
 * @param scope the places that may be seen
 * @param street whether an officer
 * @param sources systems that he or she answers for; {@code *} is all
 */
public record Authority(Scope scope, boolean street, Set<String> sources) {
    public Authority {
        sources = Set.copyOf(sources);
    }

    /** Whether a correction of this level, of a value of this source, may be accepted. */
    public boolean mayAccept(Level level, @Nullable String source) {
        return switch (level) {
            case SELF -> true;
            case STREET -> street;
            case OWNER -> source == null ? street : owns(source);
        };
    }

    /** Whether he or she answers for a system. */
    public boolean owns(String source) {
        return sources.contains(source) || sources.contains("*");
    }

    /** Whether a correction may be accepted. */
    public boolean mayAccept(Correction correction) {
        return mayAccept(correction.level(), correction.source());
    }
}
