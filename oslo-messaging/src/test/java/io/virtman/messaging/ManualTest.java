package io.virtman.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The manual says what is there: its examples are files, its options are the ones read. */
class ManualTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path MANUAL = ROOT.resolve("docs").resolve("manual/oslo-messaging.md");
    private static final Path PYTHON =
            Path.of("/usr/lib/python3/dist-packages/oslo_messaging/_drivers");

    /** A marker that names a file, and the code block after it. */
    private static final Pattern EXAMPLE =
            Pattern.compile(
                    "<!-- example: (\\S+) -->\n```(?:java|python)\n(.*?)```\n", Pattern.DOTALL);

    private static final Pattern DECLARED = Pattern.compile("cfg\\.\\w+Opt\\(\\s*'(\\w+)'");

    /** Option names in our code: in quotes where they are read, in Javadoc where they end up. */
    private static final Pattern NAMED =
            Pattern.compile(
                    "(?:\"|\\{@code )((?!\\w+_opts\\b)(?:rabbit|kombu|amqp|ssl|heartbeat|rpc_conn|conn_pool)_\\w+"
                            + "|ssl|use_queue_manager|processname|direct_mandatory_flag"
                            + "|enable_cancel_on_failover)[\"}]");

    private static String manual() throws IOException {
        return Files.readString(MANUAL);
    }

    @TestFactory
    Stream<DynamicTest> examplesAreTheFiles() throws IOException {
        List<MatchResult> examples = EXAMPLE.matcher(manual()).results().toList();
        assertThat(examples)
                .extracting(example -> example.group(1))
                .contains("examples/EchoServer.java", "examples/EchoClient.java");
        return examples.stream()
                .map(example ->
                        DynamicTest.dynamicTest(
                                example.group(1),
                                () ->
                                        assertThat(example.group(2))
                                                .isEqualTo(
                                                        Files.readString(
                                                                ROOT.resolve(example.group(1))))));
    }

    @Test
    void everyOptionOfOsloMessagingIsInTheManual() throws IOException {
        Set<String> options = new TreeSet<>();
        for (String file : List.of("impl_rabbit.py", "amqp.py")) {
            add(options, DECLARED, Files.readString(PYTHON.resolve(file)));
        }
        assertThat(options).hasSizeGreaterThan(20);
        assertInManual(options);
    }

    @Test
    void everyOptionThatIsReadIsInTheManual() throws IOException {
        Set<String> options = new TreeSet<>();
        Path sources = Path.of("src/main/java/io/virtman/messaging/config");
        try (Stream<Path> files = Files.list(sources)) {
            for (Path file : files.toList()) {
                add(options, NAMED, Files.readString(file));
            }
        }
        assertThat(options).contains("rabbit_quorum_queue", "amqp_durable_queues");
        assertInManual(options);
    }

    private static void add(Set<String> options, Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            options.add(matcher.group(1));
        }
    }

    private static void assertInManual(Set<String> options) throws IOException {
        String manual = manual();
        assertThat(options).allMatch(option -> manual.contains("`" + option + "`"));
    }
}
