package io.yimen.pool.reference;

import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import java.util.List;

/** The streams that histories are told by: three systems, with and without duplicates of their own. */
final class Shapes {
    static final StreamShape PERSON_A = shape(
            "a", "Person", 60, true, "name", "idNumber", "sex", "birthDate", "phone", "address", "ethnicity", "place");
    static final StreamShape PERSON_B =
            shape("b", "Person", 50, false, "name", "idNumber", "phone", "address", "birthDate");
    static final StreamShape PERSON_C = shape("c", "Person", 40, true, "name", "birthDate", "sex", "phone", "address");
    static final StreamShape ORGANIZATION_A = shape(
            "a",
            "Organization",
            60,
            true,
            "name",
            "kind",
            "creditCode",
            "divisionCode",
            "county",
            "town",
            "legalPerson",
            "phone",
            "place",
            "status");
    static final StreamShape ORGANIZATION_B =
            shape("b", "Organization", 90, true, "name", "creditCode", "county", "town", "phone", "address");
    static final StreamShape ORGANIZATION_C =
            shape("c", "Organization", 30, false, "name", "divisionCode", "county", "town", "phone");
    static final StreamShape PLACE_A =
            shape("a", "Place", 80, true, "name", "level", "kind", "code", "edition", "parent", "county", "town");
    static final StreamShape PLACE_B =
            shape("b", "Place", 40, true, "name", "level", "code", "edition", "parent", "county", "town");
    static final StreamShape PLACE_C = shape("c", "Place", 20, false, "name", "level", "county", "town");
    static final StreamShape MEMBERSHIP = shape("a", "Membership", 60, true, "person", "post", "from", "place");

    static final List<StreamShape> ALL = List.of(
            PERSON_A,
            PERSON_B,
            PERSON_C,
            ORGANIZATION_A,
            ORGANIZATION_B,
            ORGANIZATION_C,
            PLACE_A,
            PLACE_B,
            PLACE_C,
            MEMBERSHIP);

    private Shapes() {}

    private static StreamShape shape(String source, String type, int trust, boolean unique, String... fields) {
        StreamId id = new StreamId(source, type.toLowerCase(java.util.Locale.ROOT));
        return new StreamShape(id, type, List.of(fields), trust, unique, DeletePolicy.LOG);
    }

    /** The same stream, of which it is said otherwise whether it has duplicates. */
    static StreamShape turned(StreamShape shape) {
        return new StreamShape(
                shape.id(), shape.entityType(), shape.fields(), shape.trust(), !shape.uniqueRecords(), shape.deletes());
    }

    static List<StreamShape> of(String type) {
        return ALL.stream().filter(s -> s.entityType().equals(type)).toList();
    }
}
