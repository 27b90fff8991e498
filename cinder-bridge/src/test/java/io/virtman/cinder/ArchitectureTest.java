package io.virtman.cinder;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dependency rule of docs/ARCHITECTURE.md for the bridge: which package may use which. */
class ArchitectureTest {
    private static final String APP = "io.virtman.cinder.app..";

    static {
        // The rules go by names; reading all libraries' classes as well would take seconds.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    }

    private static final JavaClasses MAIN =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.virtman.cinder");

    /** Each line: a package, and what it may use of io.virtman besides itself. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "cinder.database bridge.database bridge.deadline",
                "cinder.cloud problem",
                "cinder.engine problem",
                "cinder.volume cinder.cloud bridge.database bridge.deadline cinder.database cinder.engine problem",
                "cinder.notify bridge.config bridge.database cinder.database cinder.volume messaging",
                "cinder.rpc bridge.database bridge.deadline cinder.cloud cinder.database"
                        + " cinder.engine cinder.volume messaging"
                        + " problem",
                "cinder.node bridge.deadline cinder.engine node problem rest volt",
                "cinder.openstack bridge.deadline cinder.cloud openstack problem",
                "cinder.service bridge.config bridge.database bridge.leader cinder.cloud"
                        + " cinder.database cinder.engine"
                        + " cinder.notify cinder.rpc cinder.volume messaging problem",
            })
    void aPackageUsesOnlyWhatItMay(String line) {
        String[] words = line.split(" ", -1);
        List<String> allowed = new ArrayList<>();
        Arrays.stream(words).forEach(word -> allowed.add("io.virtman." + word + ".."));
        ArchRule rule =
                noClasses()
                        .that(resideInAPackage("io.virtman." + words[0] + ".."))
                        .should()
                        .dependOnClassesThat(
                                resideInAPackage("io.virtman..")
                                        .and(
                                                not(
                                                        resideInAnyPackage(
                                                                allowed.toArray(String[]::new)))))
                        .allowEmptyShould(true);

        rule.check(MAIN);
    }

    @Test
    void nothingImportsTheCommands() {
        noClasses()
                .that(not(resideInAPackage(APP)))
                .should()
                .dependOnClassesThat(resideInAnyPackage(APP, "io.virtman.app..", "picocli.."))
                .check(MAIN);
    }

    @Test
    void onlyTheDatabasePackageAndTheDoctorKnowSql() {
        noClasses()
                .that(
                        not(
                                resideInAnyPackage(
                                        "io.virtman.cinder.database..",
                                        "io.virtman.cinder.app.doctor..")))
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(
                                "java.sql..", "javax.sql..", "com.zaxxer..", "org.flywaydb.."))
                .check(MAIN);
    }

    @Test
    void thereAreNoCycles() {
        slices().matching("io.virtman.cinder.(*)..").should().beFreeOfCycles().check(MAIN);
    }
}
