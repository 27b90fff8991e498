package io.virtman.bridge;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dependency rule of docs/ARCHITECTURE.md for what both bridges stand on. */
class ArchitectureTest {
    static {
        // The rules go by names; reading all libraries' classes as well would take seconds.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    }

    private static final JavaClasses MAIN =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.virtman.bridge");

    /** Each line: a package, and what it may use of io.virtman besides itself. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "bridge.deadline problem",
                "bridge.database bridge.deadline",
                "bridge.leader bridge.database",
                "bridge.config messaging",
                "bridge.keystone bridge.config openstack",
            })
    void aPackageUsesOnlyWhatItMay(String line) {
        String[] allowed =
                Arrays.stream(line.split(" ", -1))
                        .map(word -> "io.virtman." + word + "..")
                        .toArray(String[]::new);
        noClasses()
                .that(resideInAPackage(allowed[0]))
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.virtman..").and(not(resideInAnyPackage(allowed))))
                .check(MAIN);
    }

    @Test
    void onlyTheDatabasePackageKnowsSql() {
        noClasses()
                .that(not(resideInAPackage("io.virtman.bridge.database..")))
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(
                                "java.sql..", "javax.sql..", "com.zaxxer..", "org.flywaydb.."))
                .check(MAIN);
    }

    @Test
    void thereAreNoCycles() {
        slices().matching("io.virtman.bridge.(*)..").should().beFreeOfCycles().check(MAIN);
    }
}
