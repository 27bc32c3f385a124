package io.yimen.simulators.demo;

import io.yimen.simulators.BrightEyes;
import io.yimen.simulators.CityBrain;
import io.yimen.simulators.CityManagement;
import io.yimen.simulators.CommunitySystem;
import io.yimen.simulators.CommunityWeb;
import io.yimen.simulators.CreditCodeFile;
import io.yimen.simulators.CreditCodeService;
import io.yimen.simulators.DivisionDrop;
import io.yimen.simulators.DivisionService;
import io.yimen.simulators.ETongche;
import io.yimen.simulators.ElderlyCare;
import io.yimen.simulators.ElectionSystem;
import io.yimen.simulators.EmbeddedMariaDb;
import io.yimen.simulators.LegacySystem;
import io.yimen.simulators.OnlineCouncil;
import io.yimen.simulators.ServicePlatform;
import io.yimen.simulators.SingleWindow;
import io.yimen.simulators.SmartCommunity;
import io.yimen.simulators.VoicesDrop;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** The systems that the demo runs. */
final class LegacySystems {
    /**
     * Where they run.
     *
     * @param folder what each keeps lies in a folder of this one, named after it
     * @param seed of the population that all of them know
     * @param residents how many people the community system has; 0 without it
     * @param broker bootstrap servers of the Kafka cluster, once it runs
     */
    record Surroundings(Path folder, long seed, int residents, Supplier<String> broker) {
        /** The people that all know; without the community system, those of a small one. */
        CommunitySystem.Options people() {
            return CommunitySystem.Options.of(seed, residents == 0 ? 6_000 : residents);
        }
    }

    /**
     * @param connector id of its connector
     * @param missing why it does not run here; empty if it does
     * @param start starts it; systems are started side by side
     */
    record Entry(
            String connector, Function<Surroundings, String> missing, Function<Surroundings, LegacySystem> start) {}

    /** In how many communities, the first of all, the smaller systems know people. */
    private static final int SMALL = 20;

    /** In how many communities the smaller systems are used. */
    private static final int COMMUNITIES = 120;

    static final List<Entry> ALL = List.of(
            anywhere(
                    "election",
                    at -> ElectionSystem.start(at.folder().resolve("election"), ElectionSystem.Options.demo())),
            new Entry(
                    "community",
                    LegacySystems::withoutCommunity,
                    at -> CommunitySystem.start(at.folder().resolve("community"), at.people())),
            anywhere("credit-codes", at -> CreditCodeService.start(at.seed())),
            anywhere(
                    "credit-codes-yearly",
                    at -> CreditCodeFile.start(
                            at.folder().resolve("credit-codes-yearly"),
                            at.seed(),
                            LocalDate.now(ZoneId.of("Asia/Shanghai")).getYear())),
            anywhere("divisions-2023", at -> DivisionService.start()),
            anywhere(
                    "single-window",
                    at -> SingleWindow.start(at.folder().resolve("single-window"), at.people(), SMALL, 30)),
            anywhere("bright-eyes", at -> BrightEyes.start(at.folder().resolve("bright-eyes"), at.seed(), SMALL, 200)),
            anywhere("city-brain", at -> CityBrain.start(at.broker().get(), at.people(), SMALL)),
            anywhere("e-tongche", at -> ETongche.start(ETongche.Shape.LIST, at.seed(), SMALL, 400)),
            anywhere("divisions-2016", at -> drop(at.folder().resolve("drop"))),
            anywhere("elderly-care", at -> ElderlyCare.start(at.folder().resolve("elderly-care"), at.people(), 40)),
            anywhere(
                    "voices-13", at -> VoicesDrop.start(at.folder().resolve("voices-13"), at.seed(), COMMUNITIES, 600)),
            anywhere("community-web", at -> CommunityWeb.start(at.seed(), COMMUNITIES)),
            anywhere("city-management", at -> CityManagement.start(at.seed(), COMMUNITIES, 1_500)),
            anywhere("online-council", at -> OnlineCouncil.start(at.seed(), COMMUNITIES)),
            anywhere(
                    "service-platform",
                    at -> ServicePlatform.start(
                            at.folder().resolve("centre"), ServicePlatform.Options.of(at.seed(), at.residents()))),
            anywhere(
                    "smart-community",
                    at -> SmartCommunity.start(
                            at.folder().resolve("centre"), SmartCommunity.Options.of(at.seed(), at.residents()))));

    private LegacySystems() {}

    private static Entry anywhere(String connector, Function<Surroundings, LegacySystem> start) {
        return new Entry(connector, at -> "", start);
    }

    private static String withoutCommunity(Surroundings at) {
        if (at.residents() == 0) {
            return "it was not asked for";
        }
        return EmbeddedMariaDb.isAvailable() ? "" : "there is no MariaDB for this machine";
    }

    private static DivisionDrop drop(Path folder) {
        DivisionDrop drop = DivisionDrop.of(folder);
        if (!drop.hasFile()) {
            drop.write(LocalDate.now(ZoneId.of("Asia/Shanghai")));
        }
        return drop;
    }
}
