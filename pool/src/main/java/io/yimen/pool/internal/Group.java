package io.yimen.pool.internal;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.model.EntityType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /** A candidate for keeping an id. */
    private record Claimant(Group group, long id, int records) {}

    /**
     * Ids are history: the largest part of what an entity was keeps its id. Ties go to the smaller id, then to the part
     * that a person did not take out, then to the part with the first record.
     *
     * @param ids that may be kept
     * @param leaving records that a person takes out
     * @return how many groups are left without one
     */
    static int keepIds(List<Group> groups, Set<Long> ids, Set<RecordRef> leaving) {
        List<Claimant> claimants = new ArrayList<>();
        for (Group group : groups) {
            group.origins.forEach((id, count) -> claimants.add(new Claimant(group, id, count)));
        }
        claimants.sort(Comparator.comparingInt(Claimant::records)
                .reversed()
                .thenComparingLong(Claimant::id)
                .thenComparing(c -> leaving.containsAll(c.group.members))
                .thenComparing(c -> c.group.members.get(0)));
        Set<Long> free = new HashSet<>(ids);
        int unnamed = groups.size();
        for (Claimant claimant : claimants) {
            if (claimant.group.id == 0 && free.remove(claimant.id)) {
                claimant.group.id = claimant.id;
                unnamed--;
            }
        }
        return unnamed;
    }
}
