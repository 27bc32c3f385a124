package io.yimen.simulators;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The residents that the community system of a seed and size has, for systems that meet some of them. */
record Population(List<Neighbourhood> neighbourhoods) {
    /** Communities that the smaller systems know, the first of all. */
    private static final int KNOWN = 20;

    private static final int WITHOUT_COMMUNITY_SYSTEM = 6_000;

    /** @param residents as many as the community system has, see {@link CommunitySystem.Options#of}; 0 without it */
    static Population of(long seed, int residents) {
        CommunitySystem.Options size =
                CommunitySystem.Options.of(seed, residents == 0 ? WITHOUT_COMMUNITY_SYSTEM : residents);
        Names names = new Names();
        // In the order of the community system, where numbers are given out to one after the other.
        Map<Integer, Integer> numbers = new HashMap<>();
        List<Neighbourhood> neighbourhoods = new ArrayList<>();
        List<Committee> committees = ElectionSystem.committees(seed, size.communities(), names);
        for (Committee committee : committees.subList(0, Math.min(KNOWN, committees.size()))) {
            neighbourhoods.add(
                    Neighbourhood.of(seed, names, committee.village(), committee.index(), size.residents(), numbers));
        }
        return new Population(List.copyOf(neighbourhoods));
    }
}
