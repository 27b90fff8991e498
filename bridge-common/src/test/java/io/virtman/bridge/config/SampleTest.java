package io.virtman.bridge.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code etc/virtman/virtman.conf} has every option with its real default, and nothing else. */
class SampleTest {
    private static final Pattern OPTION = Pattern.compile("#(\\w+) = (.*)");

    @TempDir private Path directory;

    private static String read(String name) throws IOException {
        Path file = Path.of("..", name);
        return Files.readString(Files.exists(file) ? file : Path.of(name));
    }

    /** By section, option and default. */
    private static Map<String, Map<String, String>> sample() throws IOException {
        Map<String, Map<String, String>> sections = new LinkedHashMap<>();
        Map<String, String> section = Map.of();
        for (String line : read("etc/virtman/virtman.conf").lines().toList()) {
            Matcher option = OPTION.matcher(line);
            if (line.startsWith("[")) {
                section = new LinkedHashMap<>();
                sections.put(line.substring(1, line.length() - 1), section);
            } else if (option.matches()) {
                assertThat(section.put(option.group(1), option.group(2))).as(line).isNull();
            } else {
                assertThat(line).matches("(# .*|#|)");
            }
        }
        return sections;
    }

    @Test
    void whatIsReadIsThereAndNothingElse() throws IOException {
        Map<String, TreeSet<String>> there = new LinkedHashMap<>();
        sample().forEach((section, options) -> there.put(section, new TreeSet<>(options.keySet())));
        Map<String, TreeSet<String>> known = new LinkedHashMap<>();
        KnownOptions.names().forEach((section, names) -> known.put(section, new TreeSet<>(names)));

        assertThat(there).isEqualTo(known);
    }

    @Test
    void defaultsAreTheRealOnes() throws IOException {
        for (Option<?> option : KnownOptions.OURS) {
            String written = sample().getOrDefault(option.section(), Map.of()).get(option.name());
            if (option.otherwise().isPresent()) {
                assertThat(written).as(option.name()).isEqualTo(option.otherwise().get());
            } else {
                assertThat(written).as(option.name()).startsWith("<");
            }
        }
    }

    @Test
    void theSampleWithItsDefaultsSetIsTheSameAsNone() throws IOException {
        StringBuilder set = new StringBuilder();
        sample().forEach((section, options) -> {
            set.append("[").append(section).append("]\n");
            options.forEach((name, value) ->
                    set.append(value.startsWith("<") ? "" : name + " = " + value + "\n"));
        });

        assertThat(configuration(ConfigurationFilesTest.LEAST + set))
                .isEqualTo(configuration(ConfigurationFilesTest.LEAST));
    }

    private BridgeConfiguration configuration(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("virtman.conf"), text);
        return ConfigurationFiles.load(List.of(file), Optional.empty(), "ctl").configuration();
    }

    /** The manual of oslo-messaging has a table of all that its reader reads. */
    @Test
    void theOptionsOfRabbitMqAreThoseOfTheLibrary() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        TreeSet<String> former = new TreeSet<>();
        String manual = read("docs/manual/oslo-messaging.md");
        String table =
                manual.substring(
                        manual.indexOf("| option | former names"),
                        manual.indexOf("\"Ignored\" is"));
        for (String line : table.lines().skip(2).toList()) {
            String[] cells = line.split("\\|", -1);
            if (cells.length > 2) {
                quoted(cells[1], names);
                quoted(cells[2], former);
            }
        }

        assertThat(new TreeSet<>(MessagingNames.RABBIT)).isEqualTo(names);
        assertThat(
                        new TreeSet<>(
                                MessagingNames.UNLISTED.getOrDefault(
                                        KnownOptions.RABBIT, List.of())))
                .isEqualTo(former);
    }

    private static void quoted(String cell, Set<String> into) {
        Pattern.compile("`(\\w+)`").matcher(cell).results().forEach(m -> into.add(m.group(1)));
    }
}
