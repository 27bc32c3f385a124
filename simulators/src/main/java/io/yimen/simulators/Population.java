package io.yimen.simulators;

import java.util.List;

/** The residents that the community system of a seed and size has, for systems that meet some of them. */
record Population(List<Neighbourhood> neighbourhoods) {
    /** Communities that the smaller systems know, the first of all. */
    private static final int KNOWN = 20;

    private static final int WITHOUT_COMMUNITY_SYSTEM = 6_000;

    /** @param residents as many as the community system has, see {@link CommunitySystem.Options#of}; 0 without it */
    static Population of(long seed, int residents) {
        CommunitySystem.Options size =
                CommunitySystem.Options.of(seed, residents == 0 ? WITHOUT_COMMUNITY_SYSTEM : residents);
        return new Population(
                Neighbourhood.stream(size, new Names()).limit(KNOWN).toList());
    }
}
