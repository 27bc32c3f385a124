package io.yimen.testkit.systems;

import io.yimen.testkit.Fixture;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** The fixture of each connector of the catalog; a new one is a line here. */
public final class Fixtures {
    private Fixtures() {}

    /** By connector: what starts its fixture in a folder of its own. */
    public static Map<String, Function<Path, Fixture>> all() {
        Map<String, Function<Path, Fixture>> all = new LinkedHashMap<>();
        all.put("bright-eyes", CameraNotices::new);
        all.put("city-brain", DistrictPlatform::new);
        all.put("city-management", folder -> new CityCases());
        all.put("community", Community::new);
        all.put("community-web", folder -> new WebArticles());
        all.put("credit-codes", folder -> new CreditCodes());
        all.put("credit-codes-yearly", YearlyCodes::new);
        all.put("divisions-2016", Divisions2016::new);
        all.put("divisions-2023", folder -> new Divisions2023());
        all.put("e-tongche", folder -> new MemberRequests());
        all.put("elderly-care", CareLedger::new);
        all.put("election", Election::new);
        all.put("online-council", folder -> new CouncilTopics());
        all.put("single-window", WindowCases::new);
        all.put("voices-13", Voices::new);
        all.put("service-platform", ServiceCases::new);
        all.put("smart-community", GridResidents::new);
        return all;
    }
}
