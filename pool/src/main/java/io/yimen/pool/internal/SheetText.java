package io.yimen.pool.internal;

import io.yimen.pool.ledger.Mask;
import io.yimen.pool.model.Field;
import io.yimen.pool.seal.Vault;
import java.text.Normalizer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a value stands in the cell of a sheet: masked where it is sensitive, the meaning of a code. */
final class SheetText {
    private SheetText() {}

    /** @param stored {@code null} or empty: nothing */
    static String of(Field field, @Nullable String stored, Vault vault) {
        if (stored == null || stored.isEmpty()) {
            return "";
        }
        if (field.isSensitive()) {
            return Mask.of(field.sensitivity(), vault.open(stored));
        }
        return field.values().getOrDefault(stored, stored);
    }

    /** What is meant by what was typed; {@code null}: nothing. */
    static @Nullable String meant(Field field, String typed) {
        String text = tidy(typed);
        if (text.isEmpty()) {
            return null;
        }
        for (Map.Entry<String, String> code : field.values().entrySet()) {
            if (code.getValue().equals(text)) {
                return code.getKey();
            }
        }
        return text;
    }

    static String tidy(String typed) {
        return Normalizer.normalize(typed.strip(), Normalizer.Form.NFC);
    }
}
