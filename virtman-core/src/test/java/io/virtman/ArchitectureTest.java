package io.virtman;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The dependency rule of docs/ARCHITECTURE.md: which package may use which, and for what. */
class ArchitectureTest {
    /** Each line: a package, and what it may use besides itself, the JDK and libraries. */
    private static final Map<String, List<String>> MAY_USE =
            table(
                    """
                    problem
                    block   problem
                    command problem
                    image   block command problem
                    nbd     block problem
                    cache   block image problem
                    peer    block image nbd problem
                    stack   block cache command image nbd peer problem
                    remote  block command image nbd problem
                    volt    block problem
                    node    block command image problem remote stack volt
                    rest    block node problem volt
                    app     block cache command image nbd node peer problem remote rest stack volt
                    """);

    private static final String SOCKETS =
            "java\\.net\\.(Server|Datagram|Multicast)?Socket|javax\\.net\\..*Socket.*"
                    + "|java\\.nio\\.channels\\..*(Socket|Datagram)Channel";
    private static final String SQL =
            "(javax?\\.sql|com\\.zaxxer|com\\.mysql|org\\.h2|org\\.flywaydb)\\..*";
    private static final String JAX_RS = "(jakarta\\.ws\\.rs|org\\.glassfish\\.jersey)\\..*";
    private static final String LOGGING = "java\\.util\\.logging\\..*";

    static {
        // The rules go by names; reading all libraries' classes as well would take seconds.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    }

    private static final MethodTypeDesc VOID = MethodTypeDesc.of(ConstantDescs.CD_void);

    private static final JavaClasses MAIN =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .withImportOption(location -> !location.contains("/testkit/"))
                    .importPackages("io.virtman");

    private static Map<String, List<String>> table(String text) {
        Map<String, List<String>> table = new LinkedHashMap<>();
        text.lines()
                .map(line -> List.of(line.split(" +", -1)))
                .forEach(words -> table.put(words.getFirst(), words.subList(1, words.size())));
        return table;
    }

    /** A rule, by a name of its own. */
    private record Rule(String name, ArchRule check) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Rule> rules() {
        List<Rule> rules = new ArrayList<>();
        MAY_USE.forEach((name, allowed) -> {
            if (allowed.size() < MAY_USE.size() - 1) {
                rules.add(new Rule(name, arrows(name, allowed)));
            }
        });
        rules.add(
                new Rule(
                        "cycles", slices().matching("io.virtman.(*)..").should().beFreeOfCycles()));
        rules.add(new Rule("userspace", strangers("stack.userspace", "stack.kernel")));
        rules.add(new Rule("kernel", strangers("stack.kernel", "stack.userspace")));
        rules.add(new Rule("sockets", onlyIn(List.of("command", "nbd", "rest"), SOCKETS)));
        rules.add(new Rule("sql", onlyIn(List.of("volt"), SQL)));
        rules.add(new Rule("jax-rs", onlyIn(List.of("rest"), JAX_RS)));
        rules.add(new Rule("logging", onlyIn(List.of("app"), LOGGING)));
        rules.add(
                new Rule(
                        "processes", onlyIn(List.of("command"), "java\\.lang\\.ProcessBuilder.*")));
        rules.add(new Rule("exec", noAccess(List.of("command"), "java\\.lang\\.Runtime\\.exec")));
        rules.add(
                new Rule("streams", noAccess(List.of("app"), "java\\.lang\\.System\\.(out|err)")));
        rules.add(new Rule("sleep", sleep()));
        return rules;
    }

    private static ArchRule sleep() {
        return noAccess(List.of(), "java\\.lang\\.Thread\\.sleep|.*\\.TimeUnit\\.sleep");
    }

    private static ArchRule arrows(String name, List<String> allowed) {
        return noClasses()
                .that(resideInAPackage(tree(name)))
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.virtman..")
                                .and(not(resideInAPackage(tree(name))))
                                .and(not(resideInAnyPackage(trees(allowed)))))
                .as(name + " uses only " + allowed)
                .allowEmptyShould(true);
    }

    private static ArchRule strangers(String one, String other) {
        return noClasses()
                .that(resideInAPackage(tree(one)))
                .should()
                .dependOnClassesThat(resideInAPackage(tree(other)))
                .allowEmptyShould(true);
    }

    private static ArchRule onlyIn(List<String> packages, String classNames) {
        return noClasses()
                .that(not(resideInAnyPackage(trees(packages))))
                .should()
                .dependOnClassesThat()
                .haveNameMatching(classNames)
                .allowEmptyShould(true);
    }

    /** Forbids methods and fields by their full names. */
    private static ArchRule noAccess(List<String> exceptPackages, String fullNames) {
        return noClasses()
                .that(not(resideInAnyPackage(trees(exceptPackages))))
                .should()
                .accessTargetWhere(
                        describe(
                                "target is " + fullNames,
                                (JavaAccess<?> access) ->
                                        (access.getTargetOwner().getName() + "." + access.getName())
                                                .matches(fullNames)))
                .allowEmptyShould(true);
    }

    private static String tree(String name) {
        return "io.virtman." + name + "..";
    }

    private static String[] trees(List<String> names) {
        return names.stream().map(ArchitectureTest::tree).toArray(String[]::new);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void programKeepsRule(Rule rule) {
        rule.check.check(MAIN);
    }

    @Test
    void testsDoNotSleep() {
        sleep().check(new ClassFileImporter().importPackages("io.virtman"));
    }

    @Test
    void everyPackageIsInTheTable() {
        assertThat(MAIN).extracting(JavaClass::getPackageName).isNotEmpty();
        assertThat(MAIN)
                .extracting(type -> type.getPackageName().split("\\.", -1)[2])
                .isSubsetOf(MAY_USE.keySet());
    }

    /** Each line: the rule it breaks, the package it is in, how, and with what. */
    private static final String BANS =
            """
            userspace stack.userspace has io.virtman.stack.kernel.Target
            kernel stack.kernel has io.virtman.stack.userspace.Target
            sockets peer has java.nio.channels.SocketChannel
            sockets app has java.net.ServerSocket
            sockets node has java.nio.channels.AsynchronousServerSocketChannel
            sql node has java.sql.Connection
            sql rest has org.h2.Driver
            jax-rs app has jakarta.ws.rs.core.Response
            logging nbd has java.util.logging.Logger
            processes node has java.lang.ProcessBuilder
            exec volt calls java.lang.Runtime.exec
            streams cache reads java.lang.System.out
            streams image reads java.lang.System.err
            sleep app calls java.lang.Thread.sleep
            sleep peer calls java.util.concurrent.TimeUnit.sleep
            """;

    /** Rule -> what its report must contain. */
    private static final Map<String, List<String>> OFFENDERS = new LinkedHashMap<>();

    private static JavaClasses offences = MAIN;

    @BeforeAll
    static void makeOffences(@TempDir Path directory) throws IOException {
        OFFENDERS.put("cycles", List.of("Cycle detected"));
        for (String from : MAY_USE.keySet()) {
            writeClass(directory, from, "Target", "has", "java.lang.Object");
            for (String to : MAY_USE.keySet()) {
                boolean allowed = from.equals(to) || MAY_USE.get(from).contains(to);
                String name = (allowed ? "Allowed_" : "Offends_") + to;
                writeClass(directory, from, name, "has", "io.virtman." + to + ".Target");
                if (!allowed) {
                    offend(from, from, name);
                }
            }
        }
        for (String line : BANS.lines().toList()) {
            String[] ban = line.split(" ", -1);
            String name = "Ban_" + ban[3].replace('.', '_');
            writeClass(directory, ban[1], name, ban[2], ban[3]);
            offend(ban[0], ban[1], name);
        }
        offences = new ClassFileImporter().importPath(directory);
    }

    private static void offend(String rule, String where, String name) {
        OFFENDERS
                .computeIfAbsent(rule, _ -> new ArrayList<>())
                .add("io.virtman." + where + "." + name + ".");
    }

    /** Makes a class with one member that uses the target; nothing ever runs it. */
    private static void writeClass(
            Path directory, String where, String name, String how, String target)
            throws IOException {
        ClassDesc owner =
                ClassDesc.of(
                        how.equals("has") ? target : target.substring(0, target.lastIndexOf('.')));
        String member = target.substring(target.lastIndexOf('.') + 1);
        byte[] bytes =
                ClassFile.of()
                        .build(
                                ClassDesc.of("io.virtman." + where, name),
                                type -> {
                                    switch (how) {
                                        case "has" -> type.withField("field", owner, 0);
                                        case "calls" ->
                                                type.withMethodBody(
                                                        "run",
                                                        VOID,
                                                        0,
                                                        code ->
                                                                code.invokestatic(
                                                                                owner, member, VOID)
                                                                        .return_());
                                        default ->
                                                type.withMethodBody(
                                                        "run",
                                                        VOID,
                                                        0,
                                                        code ->
                                                                code.getstatic(
                                                                                owner,
                                                                                member,
                                                                                ConstantDescs
                                                                                        .CD_Object)
                                                                        .pop()
                                                                        .return_());
                                    }
                                });
        Path file = directory.resolve(where.replace('.', '/'), name + ".class");
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    /**
     * Proves that each rule can fail and is not too strict: every arrow there could be is drawn by
     * a class of its own and every ban is broken; each rule must name just its offenders.
     */
    @ParameterizedTest
    @MethodSource("rules")
    void ruleNamesItsOffenders(Rule rule) {
        List<String> report = rule.check.evaluate(offences).getFailureReport().getDetails();
        assertThat(OFFENDERS.getOrDefault(rule.name, List.of()))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(report).anyMatch(line -> line.contains(name)));
        assertThat(report)
                .noneMatch(line -> line.contains("Allowed_") && !line.startsWith("Cycle"));
    }
}
