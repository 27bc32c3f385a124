package io.yimen.pool;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses POOL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.yimen.pool");

    @Test
    void poolKnowsNeitherTheFrameworkNorTheWire() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.camel..",
                        "io.quarkus..",
                        "jakarta..",
                        "java.net.http..",
                        "org.apache.kafka..",
                        "io.debezium..",
                        "io.yimen.connectors..",
                        "io.yimen.hub..")
                .because("Camel moves data and never decides; put what needs a framework into routes or connectors")
                .check(POOL);
    }

    @Test
    void decisionsArePureFunctions() {
        noClasses()
                .that()
                .resideInAnyPackage("..pool.identity..", "..pool.survivorship..", "..pool.lineage..", "..pool.claim..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..")
                .because("what decides must not depend on how it is kept; put SQL into pool.internal or pool.ledger")
                .check(POOL);
    }

    @Test
    void twinSharesNoBookkeepingWithPostgres() {
        noClasses()
                .that()
                .haveNameMatching(".*\\.(InMemoryPool|Derived)")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        ".*\\.internal\\.(Derivation|BatchApplication|Draft|SourceRecords|Identifiers|Entities|References)")
                .because("a reference that shares the code cannot find its faults")
                .check(POOL);
    }

    @Test
    void enumsAreStoredByName() {
        noClasses()
                .should()
                .callMethod(Enum.class, "ordinal")
                .because("a new constant in between would change what is stored; use name()")
                .check(POOL);
    }

    @Test
    void onlyThePoolUsesItsInternals() {
        classes()
                .that()
                .resideInAPackage("..pool.internal..")
                .should()
                .onlyHaveDependentClassesThat()
                .resideInAnyPackage("io.yimen.pool..")
                .because("tables may change; use Pool, Ledgers, Vault and PoolModel")
                .check(POOL);
    }
}
