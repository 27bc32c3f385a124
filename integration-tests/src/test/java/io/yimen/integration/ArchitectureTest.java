package io.yimen.integration;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may import whom, and a few habits, over the classes of all modules. A message says what to do instead. */
class ArchitectureTest {
    private static final String POOL = "io.yimen.pool..";
    private static final String CONNECTORS = "io.yimen.connectors..";
    private static final String HUB = "io.yimen.hub..";
    private static final String SIMULATORS = "io.yimen.simulators..";
    private static final String SERVER = "io.yimen.api..";
    private static final String CLIENT = "io.yimen.client..";
    private static final List<String> MODULES = List.of(
            "pool/target/classes",
            "connectors/runtime/target/classes",
            "routes/target/classes",
            "simulators/target/classes",
            "simulators/kafka/target/classes");

    private static JavaClasses classes = new ClassFileImporter().importPaths(List.<Path>of());

    @BeforeAll
    static void importAllModules() {
        List<Path> folders = MODULES.stream().map(Places.root()::resolve).toList();
        Assertions.assertThat(folders)
                .as("classes of every module; build the whole project first: mvn package")
                .allMatch(Files::isDirectory);
        classes = new ClassFileImporter().importPaths(List.<Path>copyOf(folders));
        for (String module : List.of(POOL, CONNECTORS, HUB, SIMULATORS)) {
            Assertions.assertThat(classes.stream().filter(resideInAPackage(module)))
                    .as("classes in %s", module)
                    .isNotEmpty();
        }
    }

    @Test
    void thePoolKnowsNothingOfTheOthers() {
        check(noClasses()
                .that()
                .resideInAPackage(POOL)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(CONNECTORS, HUB, SIMULATORS, SERVER, CLIENT)
                .because(
                        "the pool decides and is used by the others: hand in what it needs as a claim or a parameter"));
    }

    @Test
    void thePoolIsPlainJavaAndJdbc() {
        check(noClasses()
                .that()
                .resideInAPackage(POOL)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.camel..",
                        "org.apache.kafka..",
                        "io.quarkus..",
                        "io.smallrye..",
                        "io.debezium..",
                        "jakarta..",
                        "org.eclipse.microprofile..")
                .because("the pool knows nothing of Camel, Quarkus or HTTP: adapt it in connectors or routes"));
    }

    @Test
    void connectorsKnowThePoolOnly() {
        check(noClasses()
                .that()
                .resideInAPackage(CONNECTORS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(HUB, SIMULATORS, SERVER, CLIENT, "io.quarkus..", "jakarta.enterprise..")
                .because("connectors run in any Camel context: let routes build them with 'new'"));
    }

    @Test
    void connectorsUseThePoolsPublicPackages() {
        check(noClasses()
                .that()
                .resideInAnyPackage(CONNECTORS, HUB)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.yimen.pool..internal..")
                .because("internal packages change without notice: ask for what is missing in the public contract"));
    }

    @Test
    void theHubUsesTheContractsServerSide() {
        check(noClasses()
                .that()
                .resideInAPackage(HUB)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(CLIENT, SIMULATORS)
                .because("the hub serves the contract and runs without simulators: use io.yimen.api"));
    }

    @Test
    void simulatorsArePlayedFromOutside() {
        check(noClasses()
                .that()
                .resideInAPackage(SIMULATORS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(POOL, CONNECTORS, HUB, SERVER)
                .because(
                        "a simulator that shares code with the hub cannot find its faults: go through the front door"));
    }

    @Test
    void whatIsInternalStaysWithItsNeighbours() {
        check(noClasses()
                .should(useInternalsOfAnotherPackage())
                .because("an internal package is for its parent package alone: use or widen the public contract"));
    }

    @Test
    void packagesOfThePoolFormNoCycle() {
        check(slices().matching("io.yimen.pool.(*)..")
                .should()
                .beFreeOfCycles()
                // What all of the domains share behind the scenes is not a domain.
                .ignoreDependency(resideInAPackage("..internal.."), alwaysTrue())
                .ignoreDependency(alwaysTrue(), resideInAPackage("..internal.."))
                .because("packages are by domain: move what two of them need into the one that owns it"));
    }

    @Test
    void packagesAreDomainsNotLayers() {
        check(noClasses()
                .should()
                .resideInAnyPackage(
                        "..util..",
                        "..utils..",
                        "..common..",
                        "..shared..",
                        "..helper..",
                        "..service..",
                        "..controller..",
                        "..dto..",
                        "..impl..",
                        "..repository..")
                .because("packages are by domain, never by layer: put the class where its words belong"));
    }

    @Test
    void namesSayWhatAThingIs() {
        check(noClasses()
                .that()
                .haveNameNotMatching(".*\\$.*")
                .should()
                .haveNameMatching(".*(Impl|Manager|Helper|Util|Utils|Common|Dto|DTO)")
                .because("such a name hides what the class does: name it after that"));
    }

    @Test
    void dependenciesComeByConstructor() {
        check(noFields()
                .should()
                .beAnnotatedWith("jakarta.inject.Inject")
                .because("what a class needs is final and shows in its constructor"));
    }

    @Test
    void onlyTheHubKnowsContainers() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(HUB)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta.inject..", "jakarta.enterprise..", "io.quarkus..")
                .because("CDI stands at the edge: build it with 'new' and let the hub produce it"));
    }

    @Test
    void nobodySleeps() {
        check(noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", long.class, int.class)
                .because("a sleep cannot be ended in order: wait on a lock, a queue or a schedule"));
    }

    @Test
    void thePoolTakesItsTimeFromAClock() {
        check(noClasses()
                .that()
                .resideInAPackage(POOL)
                .should()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(java.time.LocalDate.class, "now")
                .orShould()
                .callMethod(java.time.LocalDateTime.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .because("tests and rebuilds set the time: take it from the injected Clock"));
    }

    private static void check(ArchRule rule) {
        rule.check(classes);
    }

    private static ArchCondition<JavaClass> useInternalsOfAnotherPackage() {
        return new ArchCondition<>("use internals of another package") {
            @Override
            public void check(JavaClass user, ConditionEvents events) {
                user.getDirectDependenciesFromSelf().forEach(dependency -> {
                    String target = dependency.getTargetClass().getPackageName();
                    int internal = target.indexOf(".internal");
                    if (target.startsWith("io.yimen.")
                            && internal > 0
                            && !(user.getPackageName() + ".").startsWith(target.substring(0, internal) + ".")) {
                        events.add(SimpleConditionEvent.satisfied(dependency, dependency.getDescription()));
                    }
                });
            }
        };
    }
}
