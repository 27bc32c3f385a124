package io.yimen.pool.model;

import java.util.regex.Pattern;

/** What a field's text means. Values travel as text; the kind says which texts are well formed. */
public enum FieldKind {
    TEXT,
    NAME,
    CODE,
    DATE,
    INTEGER,
    DECIMAL,
    BOOLEAN,
    REFERENCE;

    private static final Pattern DATE_FORM = Pattern.compile("\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])");
    private static final Pattern INTEGER_FORM = Pattern.compile("-?\\d{1,18}");
    private static final Pattern DECIMAL_FORM = Pattern.compile("-?\\d{1,30}(\\.\\d{1,30})?");

    /** Whether a non-empty text is well formed; a reference is judged by the model, which knows the identifiers. */
    public boolean admits(String value) {
        return switch (this) {
            case TEXT, NAME, CODE, REFERENCE -> true;
            case DATE -> DATE_FORM.matcher(value).matches();
            case INTEGER -> INTEGER_FORM.matcher(value).matches();
            case DECIMAL -> DECIMAL_FORM.matcher(value).matches();
            case BOOLEAN -> value.equals("true") || value.equals("false");
        };
    }

    /** The name in {@code model.yaml} and in the contract. */
    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
