package io.yimen.pool.internal;

import io.yimen.pool.model.Field;
import io.yimen.pool.survivorship.Golden;
import java.util.Map;

/** The stored form of what a golden record publishes. */
final class Published {
    // An index entry has a limit; a title is for people and for search.
    private static final int LONGEST_TITLE = 200;

    private Published() {}

    /** What people call it: the title field's value, in words where that is a code. */
    static String title(Golden golden) {
        int index = golden.type().titleField();
        String value = golden.value(index);
        if (value == null) {
            return "";
        }
        String title = golden.type().fields().get(index).values().getOrDefault(value, value);
        if (title.length() <= LONGEST_TITLE) {
            return title;
        }
        return title.substring(0, title.offsetByCodePoints(0, title.codePointCount(0, LONGEST_TITLE)));
    }

    /**
     * Field → value; sensitive ones sealed, references as entity ids, unresolved ones left out.
     *
     * @param leads where its references lead
     */
    static String fields(Golden golden, Map<String, Long> leads) {
        JsonText json = new JsonText().object();
        for (int i = 0; i < golden.type().fields().size(); i++) {
            Field field = golden.type().fields().get(i);
            String value = golden.value(i);
            if (value == null) {
                continue;
            }
            if (!field.isReference()) {
                json.key(field.name()).string(value);
            } else {
                Long to = leads.get(field.name());
                if (to != null) {
                    json.key(field.name()).number(to);
                }
            }
        }
        return json.end().toString();
    }
}
