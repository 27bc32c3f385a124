package io.yimen.pool.model;

/** How an entity type belongs to a place. */
public enum Scoping {
    /** Each entity is a place and belongs to itself; a reference of the type to itself leads upward. */
    SELF,
    /** Where its reference to a place leads. */
    BY_PLACE
}
