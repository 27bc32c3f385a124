package io.yimen.pool.survivorship;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.model.EntityType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A field that two derivations of one entity publish differently.
 *
 * @param field canonical field name
 * @param from published before; sealed where sensitive, a reference as it was claimed; null for nothing
 * @param to published after
 * @param fromRecord whose value it was
 * @param toRecord whose value it would be
 * @param fromRule why
 * @param toRule why
 */
public record Difference(
        String field,
        @Nullable String from,
        @Nullable String to,
        @Nullable RecordRef fromRecord,
        @Nullable RecordRef toRecord,
        @Nullable Rule fromRule,
        @Nullable Rule toRule) {

    /** In the order of the model. */
    public static List<Difference> between(Golden before, Golden after) {
        EntityType type = before.type();
        List<Difference> differences = new ArrayList<>();
        for (int i = 0; i < type.fields().size(); i++) {
            if (!Objects.equals(before.value(i), after.value(i))) {
                differences.add(new Difference(
                        type.fields().get(i).name(),
                        before.value(i),
                        after.value(i),
                        record(before, i),
                        record(after, i),
                        before.rule(i),
                        after.rule(i)));
            }
        }
        return differences;
    }

    private static @Nullable RecordRef record(Golden golden, int field) {
        var winner = golden.winner(field);
        return winner == null ? null : winner.ref();
    }

    @Override
    public String toString() {
        return "difference in " + field;
    }
}
