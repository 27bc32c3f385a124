package io.yimen.pool.model;

/** Who sees the records of an entity type: whom the place that they belong to is open to, or everybody. */
public enum Scoping {
    /** Each entity is a place and belongs to itself; a reference of the type to itself leads upward. */
    SELF,
    /** Where its reference to a place leads. */
    BY_PLACE,
    /** Nowhere: whoever may see anything at all sees them, whatever the place. No field of such a type is sensitive. */
    EVERYONE
}
