package io.yimen.pool.internal;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.model.EntityType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Records that are one entity, on their way to become it. */
final class Group {
    final EntityType type;
    final List<RecordRef> members;
    /** Entities that its records came from, with how many. */
    final Map<Long, Integer> origins = new TreeMap<>();
    /** Whether a record of it belonged to a live entity before. */
    boolean fromLiveEntity;
    /** Id of the entity; 0 until one is assigned. */
    long id;

    Group(EntityType type, List<RecordRef> members) {
        this.type = type;
        this.members = members;
    }
}
