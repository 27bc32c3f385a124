package io.yimen.pool.model;

import io.yimen.pool.identity.CreditCode;
import io.yimen.pool.identity.Names;
import io.yimen.pool.identity.ResidentId;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The closed list of functions that an identifier may apply to a field. Each is idempotent; the empty result means that
 * the record lacks this part and so has no such identifier.
 */
public enum Normalization {
    AS_IS("", v -> v),
    PLACE_NAME("placeName", Names::placeName),
    PLACE_KIND("placeKind", Names::placeKind),
    ORG_NAME("orgName", Names::orgName),
    /** An old number of 15 digits and the new one of 18 are one number. */
    RESIDENT_ID("residentId", ResidentId::normalize),
    CREDIT_CODE_IF_VALID("creditCodeIfValid", v -> CreditCode.isValid(v) ? v : "");

    private final String function;
    // All of them are method references without state.
    @SuppressWarnings("ImmutableEnumChecker")
    private final UnaryOperator<String> how;

    Normalization(String function, UnaryOperator<String> how) {
        this.function = function;
        this.how = how;
    }

    /** The name in {@code model.yaml}. */
    public String function() {
        return function;
    }

    /** Whether it keeps what tells one name from another, and nothing else. */
    public boolean isName() {
        return this == PLACE_NAME || this == ORG_NAME;
    }

    public String apply(String value) {
        return how.apply(value);
    }

    static Optional<Normalization> findFunction(String name) {
        return Arrays.stream(values())
                .filter(n -> !n.function.isEmpty() && n.function.equals(name))
                .findFirst();
    }
}
