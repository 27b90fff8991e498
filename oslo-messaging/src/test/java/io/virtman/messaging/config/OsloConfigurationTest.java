package io.virtman.messaging.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OsloConfigurationTest {
    private static OsloConfiguration parse(String text) {
        return OsloConfiguration.parse("nova.conf", text);
    }

    @Test
    void readsTheSyntaxOfOsloConfig() {
        OsloConfiguration configuration =
                parse(
                        """
                        # comment
                        ; comment
                        [DEFAULT]
                        plain=value
                        spaced =  two words\s\s
                        colon: va=lue
                        quoted = " kept "
                        long = first
                            second
                        \tthird

                        many = 1
                        many = 2
                        empty =
                        [other]
                        plain = of other # no comment
                        [DEFAULT]
                        later = here
                        """);
        assertThat(configuration.value("DEFAULT", "plain")).hasValue("value");
        assertThat(configuration.value("DEFAULT", "spaced")).hasValue("two words");
        assertThat(configuration.value("DEFAULT", "colon")).hasValue("va=lue");
        assertThat(configuration.value("DEFAULT", "quoted")).hasValue(" kept ");
        assertThat(configuration.value("DEFAULT", "long")).hasValue("first\nsecond\nthird");
        assertThat(configuration.values("DEFAULT", "many")).containsExactly("1", "2");
        assertThat(configuration.value("DEFAULT", "many")).hasValue("2");
        assertThat(configuration.value("DEFAULT", "empty")).hasValue("");
        assertThat(configuration.value("DEFAULT", "later")).hasValue("here");
        assertThat(configuration.value("other", "plain")).hasValue("of other # no comment");
        assertThat(configuration.value("other", "later")).isEmpty();
        assertThat(configuration.value("none", "plain")).isEmpty();
    }

    @Test
    void replacesVariables() {
        OsloConfiguration configuration =
                parse(
                        """
                        [DEFAULT]
                        my_ip = 10.0.0.1
                        host = default
                        [section]
                        host = own
                        plain = $host
                        braced = a${my_ip}b
                        other = $section.plain and ${DEFAULT.host}
                        dollar = 1$$2\\$3
                        unknown = $nothing and $1 and ${
                        """);
        assertThat(configuration.value("section", "plain")).hasValue("own");
        assertThat(configuration.value("section", "braced")).hasValue("a10.0.0.1b");
        assertThat(configuration.value("section", "other")).hasValue("own and default");
        assertThat(configuration.value("section", "dollar")).hasValue("1$2$3");
        assertThat(configuration.value("section", "unknown")).hasValue("$nothing and $1 and ${");
    }

    @Test
    void variablesThatReferToThemselvesAreAnError() {
        OsloConfiguration configuration = parse("[DEFAULT]\na = $b\nb = $a$a\n");
        assertThatThrownBy(() -> configuration.value("DEFAULT", "a"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("refers to itself");
    }

    @Test
    void readsFilesAndDirectoriesInOrder(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("first.conf");
        Files.writeString(file, "[DEFAULT]\na = 1\nb = 1\nc = 1\n");
        Path more = Files.createDirectory(directory.resolve("more"));
        Files.writeString(more.resolve("2.conf"), "[DEFAULT]\na = 3\n");
        Files.writeString(more.resolve("1.conf"), "[DEFAULT]\na = 2\nb = 2\n");
        Files.writeString(more.resolve("1.bak"), "[DEFAULT]\nc = 2\n");
        OsloConfiguration configuration = OsloConfiguration.load(List.of(file, more));
        assertThat(configuration.values("DEFAULT", "a")).containsExactly("1", "2", "3");
        assertThat(configuration.value("DEFAULT", "b")).hasValue("2");
        assertThat(configuration.value("DEFAULT", "c")).hasValue("1");
        assertThatThrownBy(() -> OsloConfiguration.load(List.of(directory.resolve("none"))))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("none: cannot be read");
    }

    @ParameterizedTest
    @CsvSource({
        "'[DEFAULT]\na = 1\nsecret\n', line 3 has no '='",
        "'a = secret\n', line 1 stands before the first [section]",
        "'[DEFAULT]\n  secret\n', line 2 goes on from no option",
        "'[DEFAULT\n', line 1 is no [section]",
        "'[DEFAULT]\n\n= secret\n', line 3 has no name",
    })
    void namesFileAndLineOfAnError(String text, String expected) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("nova.conf: " + expected.replaceAll("'$", ""))
                .hasMessageNotContaining("secret");
    }

    @Test
    void readsWhereMessagesGo() {
        MessagingOptions options =
                MessagingOptions.of(
                        parse(
                                """
                                [DEFAULT]
                                host = controller
                                transport_url = rabbit://u:p@$host:5672/
                                rpc_response_timeout = 120
                                """),
                        "nova");
        assertThat(options.url()).hasToString("rabbit://controller:5672/");
        assertThat(options.controlExchange()).isEqualTo("nova");
        assertThat(options.responseTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(options.toString()).doesNotContain(":p@");
    }

    @Test
    void readsNotificationOptions() {
        NotificationOptions none = NotificationOptions.of(parse("[DEFAULT]\n"));
        assertThat(none.drivers()).isEmpty();
        assertThat(none.topics()).containsExactly("notifications");
        assertThat(none.url()).isEmpty();
        NotificationOptions options =
                NotificationOptions.of(
                        parse(
                                """
                                [oslo_messaging_notifications]
                                driver = messagingv2
                                driver = log
                                topics = notifications, versioned
                                transport_url = rabbit://u:p@other/
                                """));
        assertThat(options.drivers()).containsExactly("messagingv2", "log");
        assertThat(options.topics()).containsExactly("notifications", "versioned");
        assertThat(options.url())
                .hasValueSatisfying(url -> assertThat(url).hasToString("rabbit://other/"));
    }
}
