package io.virtman.nova;

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

/** The dependency rule of docs/ARCHITECTURE.md for the Nova bridge. */
class ArchitectureTest {
    static {
        // The rules go by names; reading all libraries' classes as well would take seconds.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    }

    private static final JavaClasses MAIN =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.virtman.nova");

    /** Each line: a package, and what it may use of io.virtman besides itself. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "nova.boot problem",
                "nova.pace",
                "nova.cloud nova.boot problem",
                "nova.run nova.boot nova.cloud nova.pace",
                "nova.database nova.boot nova.run bridge.database",
                "nova.secret problem",
                "nova.api nova.boot nova.cloud nova.database nova.secret bridge.database problem rest",
                "nova.openstack nova.boot nova.cloud openstack problem",
                "nova.service nova.api nova.boot nova.cloud nova.database nova.pace nova.run"
                        + " nova.secret bridge.config bridge.database bridge.leader problem rest",
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
                .that(not(resideInAPackage("io.virtman.nova.database..")))
                .should()
                .dependOnClassesThat(resideInAnyPackage("java.sql..", "javax.sql.."))
                .check(MAIN);
    }

    @Test
    void thereAreNoCycles() {
        slices().matching("io.virtman.nova.(*)..").should().beFreeOfCycles().check(MAIN);
    }
}
