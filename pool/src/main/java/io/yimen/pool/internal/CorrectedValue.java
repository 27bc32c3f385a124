package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.identity.CreditCode;
import io.yimen.pool.identity.ResidentId;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.IdentifierRule;
import io.yimen.pool.model.Normalization;
import io.yimen.pool.model.Sensitivity;
import io.yimen.pool.seal.Vault;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a person may say that a field's value is: better than what a source may say, for nobody looks after it. */
final class CorrectedValue {
    private static final int LONGEST = 1000;
    private static final Pattern PHONE = Pattern.compile("\\+?[0-9][0-9 -]{5,24}(转[0-9]{1,6})?");

    private CorrectedValue() {}

    /**
     * The stored form of a value.
     *
     * @param text {@code null}: there is nothing
     * @return empty: there is nothing; sealed where the field is sensitive
     * @throws PoolException {@code INVALID}
     */
    static String stored(EntityType type, Field field, @Nullable String text, Vault vault) {
        if (field.isReference()) {
            throw invalid(field, "leads to another record: correct that record, or merge and split");
        }
        if (text == null) {
            return "";
        }
        String value = Normalizer.normalize(text.strip(), Normalizer.Form.NFC);
        if (value.isEmpty()) {
            throw invalid(field, "is blank: leave the value out to say that there is nothing");
        }
        if (value.length() > LONGEST || !Gate.isStorable(value)) {
            throw invalid(field, "is longer than " + LONGEST + " characters or holds characters that cannot be stored");
        }
        if (!field.kind().admits(value)) {
            throw invalid(field, "is not a " + field.kind().wireName());
        }
        if (!field.values().isEmpty() && !field.values().containsKey(value)) {
            throw invalid(field, "is one of " + String.join(", ", field.values().keySet()));
        }
        String known = wellFormed(type, field, value);
        return field.isSensitive() ? vault.seal(known) : known;
    }

    private static String wellFormed(EntityType type, Field field, String value) {
        if (field.sensitivity() == Sensitivity.ID_NUMBER) {
            String number = ResidentId.normalize(value);
            Optional<ResidentId.Fault> fault = ResidentId.findFault(number);
            if (fault.isPresent()) {
                throw invalid(
                        field, "is no resident ID number: " + fault.get().name().toLowerCase(Locale.ROOT));
            }
            return number;
        }
        if (field.sensitivity() == Sensitivity.PHONE) {
            if (!PHONE.matcher(value).matches()) {
                throw invalid(field, "is no telephone number");
            }
            return value.replaceAll("[ -]", "");
        }
        if (isCreditCode(type, field)) {
            String code = CreditCode.normalize(value);
            if (!CreditCode.isValid(code)) {
                throw invalid(field, "is no unified social credit code: its check digit is another one");
            }
            return code;
        }
        return value;
    }

    private static boolean isCreditCode(EntityType type, Field field) {
        for (IdentifierRule rule : type.identifiers()) {
            for (IdentifierRule.Part part : rule.parts()) {
                if (part.how() == Normalization.CREDIT_CODE_IF_VALID
                        && type.fields().get(part.field()).equals(field)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static PoolException invalid(Field field, String what) {
        return new PoolException(PoolException.Kind.INVALID, field.name() + " " + what);
    }
}
