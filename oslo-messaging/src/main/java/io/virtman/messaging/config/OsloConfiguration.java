package io.virtman.messaging.config;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * Configuration files of OpenStack services, as {@code oslo.config} reads them: {@code
 * oslo_config/iniparser.py} for the syntax and {@code cfg.py}, {@code ConfigOpts._substitute} for
 * {@code $option}. Files are read in order and later values win. Immutable; any thread.
 */
public final class OsloConfiguration {
    private static final long LARGEST_FILE = 16 << 20;
    private static final int MOST_FILES = 1000;

    private final Map<String, Map<String, List<OptionValue>>> sections;
    private final String files;

    private OsloConfiguration(Map<String, Map<String, List<OptionValue>>> sections, String files) {
        this.sections = sections;
        this.files = files;
    }

    /**
     * Reads files, and of directories the files {@code *.conf} in the order of their names, as
     * {@code --config-file} and {@code --config-dir} do.
     *
     * @throws ConfigurationException naming file and line
     */
    public static OsloConfiguration load(List<Path> filesAndDirectories) {
        Map<String, Map<String, List<OptionValue>>> sections = new LinkedHashMap<>();
        List<Path> files = new ArrayList<>();
        for (Path path : filesAndDirectories) {
            if (Files.isDirectory(path)) {
                files.addAll(filesOf(path));
            } else {
                files.add(path);
            }
        }
        if (files.size() > MOST_FILES) {
            throw new ConfigurationException("more than " + MOST_FILES + " configuration files");
        }
        for (Path file : files) {
            merge(sections, IniParser.parse(file.toString(), lines(file)));
        }
        return new OsloConfiguration(sections, files.toString());
    }

    /** The same from text; the name is for errors. */
    public static OsloConfiguration parse(String name, String text) {
        Map<String, Map<String, List<OptionValue>>> sections = new LinkedHashMap<>();
        merge(sections, IniParser.parse(name, text.lines().toList()));
        return new OsloConfiguration(sections, name);
    }

    private static List<Path> filesOf(Path directory) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*.conf")) {
            entries.forEach(files::add);
        } catch (IOException e) {
            throw new ConfigurationException(directory + ": cannot be read: " + e, e);
        }
        return files.stream().sorted().toList();
    }

    private static List<String> lines(Path file) {
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new ConfigurationException(file + ": longer than 16 MiB");
            }
            return Files.readAllLines(file);
        } catch (MalformedInputException e) {
            throw new ConfigurationException(file + ": not in UTF-8", e);
        } catch (IOException e) {
            throw new ConfigurationException(file + ": cannot be read: " + e, e);
        }
    }

    private static void merge(
            Map<String, Map<String, List<OptionValue>>> all,
            Map<String, Map<String, List<OptionValue>>> more) {
        more.forEach((name, options) -> {
            Map<String, List<OptionValue>> section =
                    all.computeIfAbsent(name, _ -> new LinkedHashMap<>());
            options.forEach((option, values) ->
                    section.computeIfAbsent(option, _ -> new ArrayList<>()).addAll(values));
        });
    }

    /** The same, but with those values before all others. */
    OsloConfiguration overriding(String section, Map<String, String> values, String place) {
        Map<String, Map<String, List<OptionValue>>> all = new LinkedHashMap<>();
        merge(all, sections);
        Map<String, List<OptionValue>> more = new LinkedHashMap<>();
        values.forEach((key, text) -> more.put(key, List.of(new OptionValue(text, place))));
        merge(all, Map.of(section, more));
        return new OsloConfiguration(all, files);
    }

    /**
     * An option that is set.
     *
     * @param place file and line of its last value
     */
    public record SetOption(String section, String name, String place) {}

    /** Every option that is set, in the order of the files; to find those that nobody reads. */
    public List<SetOption> options() {
        List<SetOption> all = new ArrayList<>();
        sections.forEach((section, options) ->
                options.forEach((name, values) ->
                        all.add(new SetOption(section, name, values.getLast().place()))));
        return all;
    }

    /** Every section that is there, also an empty one. */
    public List<String> sections() {
        return List.copyOf(sections.keySet());
    }

    /**
     * The same, and options of other files that are not set here. Their variables are replaced by
     * what those files say.
     *
     * @param wanted of which section and name to take
     */
    public OsloConfiguration withDefaults(
            OsloConfiguration others, BiPredicate<String, String> wanted) {
        Map<String, Map<String, List<OptionValue>>> all = new LinkedHashMap<>();
        merge(all, sections);
        others.sections.forEach((section, options) ->
                options.forEach((name, values) -> {
                    if (wanted.test(section, name) && last(section, name).isEmpty()) {
                        List<OptionValue> replaced = new ArrayList<>();
                        for (OptionValue value : values) {
                            String text = Substitution.in(others, section, value.text());
                            replaced.add(new OptionValue(text.replace("$", "$$"), value.place()));
                        }
                        all.computeIfAbsent(section, _ -> new LinkedHashMap<>())
                                .put(name, replaced);
                    }
                }));
        return new OsloConfiguration(all, files + ", " + others.files);
    }

    /** The options of one section; none if there is no such section. */
    public OptionSection section(String name) {
        return new OptionSection(this, name);
    }

    /** The last value of an option, variables replaced. */
    public Optional<String> value(String section, String option) {
        return last(section, option).map(value -> Substitution.in(this, section, value.text()));
    }

    /** All values of an option that may be given several times, variables replaced. */
    public List<String> values(String section, String option) {
        return all(section, option).stream()
                .map(value -> Substitution.in(this, section, value.text()))
                .toList();
    }

    Optional<OptionValue> last(String section, String option) {
        List<OptionValue> all = all(section, option);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    private List<OptionValue> all(String section, String option) {
        return sections.getOrDefault(section, Map.of()).getOrDefault(option, List.of());
    }

    /** Says which files it is from and nothing of what is in them. */
    @Override
    public String toString() {
        return "configuration from " + files;
    }
}
