package io.virtman.messaging;

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
import com.tngtech.archunit.lang.ArchRule;
import io.virtman.messaging.transport.Transport;
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

/** Which package of this module may use which, and for what. */
class ArchitectureTest {
    private static final String ROOT = "io.virtman.messaging";

    /** Each package, and what it may use besides itself and the JDK. */
    private static final Map<String, List<String>> MAY_USE = new LinkedHashMap<>();

    static {
        MAY_USE.put("transport", List.of());
        MAY_USE.put("config", List.of("transport"));
        MAY_USE.put("wire", List.of("transport"));
        MAY_USE.put("object", List.of());
        MAY_USE.put("delivery", List.of());
        MAY_USE.put("rpc", List.of("delivery", "transport", "wire"));
        MAY_USE.put("notify", List.of("delivery", "transport", "wire"));
        MAY_USE.put("rabbit", List.of("config", "transport"));
        // The rules go by names; reading all libraries' classes as well would take seconds.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    }

    private static final JavaClasses MAIN = classesBeside(Transport.class);

    /** All that was compiled together with it. */
    private static JavaClasses classesBeside(Class<?> type) {
        return new ClassFileImporter()
                .importUrl(type.getProtectionDomain().getCodeSource().getLocation());
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
        MAY_USE.forEach((name, allowed) -> rules.add(new Rule(name, arrows(name, allowed))));
        rules.add(new Rule("cycles", slices().matching(ROOT + ".(*)..").should().beFreeOfCycles()));
        rules.add(new Rule("amqp", onlyIn("rabbit", "com\\.rabbitmq\\..*")));
        rules.add(
                new Rule(
                        "sockets",
                        onlyIn(
                                "rabbit",
                                "java\\.net\\.(Server|Datagram|Multicast)?Socket"
                                        + "|javax\\.net\\..*Socket.*"
                                        + "|java\\.nio\\.channels\\..*(Socket|Datagram)Channel")));
        rules.add(
                new Rule(
                        "jackson in transport",
                        noClasses()
                                .that(resideInAnyPackage(tree("transport"), tree("config")))
                                .should()
                                .dependOnClassesThat()
                                .haveNameMatching("com\\.fasterxml\\..*")
                                .allowEmptyShould(true)));
        rules.add(new Rule("logging", onlyIn("none", "java\\.util\\.logging\\..*")));
        rules.add(new Rule("processes", onlyIn("none", "java\\.lang\\.ProcessBuilder.*")));
        rules.add(new Rule("by name", noAccess("java\\.lang\\.Class\\.(forName|getMethod)")));
        rules.add(new Rule("streams", noAccess("java\\.lang\\.System\\.(out|err)")));
        rules.add(new Rule("sleep", sleep()));
        return rules;
    }

    private static ArchRule sleep() {
        return noAccess("java\\.lang\\.Thread\\.sleep|.*\\.TimeUnit\\.sleep");
    }

    private static ArchRule arrows(String name, List<String> allowed) {
        return noClasses()
                .that(resideInAPackage(tree(name)))
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.virtman..")
                                .and(not(resideInAPackage(tree(name))))
                                .and(
                                        not(
                                                resideInAnyPackage(
                                                        allowed.stream()
                                                                .map(ArchitectureTest::tree)
                                                                .toArray(String[]::new)))))
                .as(name + " uses only " + allowed)
                .allowEmptyShould(true);
    }

    private static ArchRule onlyIn(String name, String classNames) {
        return noClasses()
                .that(not(resideInAPackage(tree(name))))
                .should()
                .dependOnClassesThat()
                .haveNameMatching(classNames)
                .allowEmptyShould(true);
    }

    /** Forbids methods and fields by their full names. */
    private static ArchRule noAccess(String fullNames) {
        return noClasses()
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
        return ROOT + "." + name + "..";
    }

    @ParameterizedTest
    @MethodSource("rules")
    void moduleKeepsRule(Rule rule) {
        rule.check.check(MAIN);
    }

    @Test
    void testsDoNotSleep() {
        sleep().check(classesBeside(ArchitectureTest.class));
    }

    @Test
    void everyPackageIsInTheTable() {
        assertThat(MAIN)
                .extracting(JavaClass::getPackageName)
                .isNotEmpty()
                .allSatisfy(
                        name -> assertThat(MAY_USE).containsKey(name.substring(ROOT.length() + 1)));
    }

    /** Each: the rule it breaks, the package it is in, how, and with what. */
    private static final List<String[]> BANS =
            List.of(
                    new String[] {"amqp", "rpc", "has", "com.rabbitmq.client.Channel"},
                    new String[] {"sockets", "config", "has", "java.net.Socket"},
                    new String[] {"sockets", "wire", "has", "java.nio.channels.SocketChannel"},
                    new String[] {
                        "jackson in transport",
                        "transport",
                        "has",
                        "com.fasterxml.jackson.databind.JsonNode"
                    },
                    new String[] {"logging", "rabbit", "has", "java.util.logging.Logger"},
                    new String[] {"processes", "notify", "has", "java.lang.ProcessBuilder"},
                    new String[] {"by name", "rpc", "calls", "java.lang.Class.forName"},
                    new String[] {"streams", "object", "reads", "java.lang.System.out"},
                    new String[] {"sleep", "rpc", "calls", "java.lang.Thread.sleep"},
                    new String[] {
                        "sleep", "rabbit", "calls", "java.util.concurrent.TimeUnit.sleep"
                    });

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
                writeClass(directory, from, name, "has", ROOT + "." + to + ".Target");
                if (!allowed) {
                    offend(from, from, name);
                }
            }
        }
        for (String[] ban : BANS) {
            String name = "Ban_" + ban[3].replace('.', '_');
            writeClass(directory, ban[1], name, ban[2], ban[3]);
            offend(ban[0], ban[1], name);
        }
        offences = new ClassFileImporter().importPath(directory);
    }

    private static void offend(String rule, String where, String name) {
        OFFENDERS
                .computeIfAbsent(rule, _ -> new ArrayList<>())
                .add(ROOT + "." + where + "." + name + ".");
    }

    /** Makes a class with one member that uses the target; nothing ever runs it. */
    private static void writeClass(
            Path directory, String where, String name, String how, String target)
            throws IOException {
        int dot = target.lastIndexOf('.');
        ClassDesc owner = ClassDesc.of(how.equals("has") ? target : target.substring(0, dot));
        String member = target.substring(dot + 1);
        MethodTypeDesc nothing = MethodTypeDesc.of(ConstantDescs.CD_void);
        byte[] bytes =
                ClassFile.of()
                        .build(
                                ClassDesc.of(ROOT + "." + where, name),
                                type -> {
                                    if (how.equals("has")) {
                                        type.withField("field", owner, 0);
                                        return;
                                    }
                                    type.withMethodBody(
                                            "run",
                                            nothing,
                                            0,
                                            code -> {
                                                if (how.equals("calls")) {
                                                    code.invokestatic(owner, member, nothing);
                                                } else {
                                                    code.getstatic(
                                                                    owner,
                                                                    member,
                                                                    ConstantDescs.CD_Object)
                                                            .pop();
                                                }
                                                code.return_();
                                            });
                                });
        Path file = directory.resolve(where).resolve(name + ".class");
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    /** Proves that each rule can fail and is not too strict. */
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
