package io.virtman.messaging.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the options of one section as what they are meant to be. Errors name the section, the
 * option, where it stands and what it may be. A value may be overridden, as the query of a
 * transport URL does ({@code oslo_messaging/_drivers/common.py}, {@code ConfigOptsProxy}).
 */
public final class OptionSection {
    private final OsloConfiguration configuration;
    private final String name;

    OptionSection(OsloConfiguration configuration, String name) {
        this.configuration = configuration;
        this.name = name;
    }

    /** The text of an option, or of one of its former names; empty when it is not set. */
    public Optional<String> text(String option, String... formerNames) {
        return find(option, formerNames).map(Found::text);
    }

    /** File and line of an option's last value; empty when it is not set. */
    public Optional<String> place(String option) {
        return configuration.last(name, option).map(OptionValue::place);
    }

    /** All values of an option that can be given several times. */
    public List<String> texts(String option) {
        return configuration.values(name, option);
    }

    /** The parts of a value, separated by commas, without spaces around; empty ones left out. */
    public List<String> list(String option, List<String> otherwise) {
        return find(option)
                .map(found -> {
                    List<String> parts = new ArrayList<>();
                    for (String part : found.text().split(",", -1)) {
                        if (!part.isBlank()) {
                            parts.add(part.strip());
                        }
                    }
                    return List.copyOf(parts);
                })
                .orElse(otherwise);
    }

    /** true, 1, on, yes or false, 0, off, no. */
    public boolean flag(String option, boolean otherwise, String... formerNames) {
        return find(option, formerNames)
                .map(found ->
                        switch (found.text().toLowerCase(java.util.Locale.ROOT)) {
                            case "true", "1", "on", "yes" -> true;
                            case "false", "0", "off", "no" -> false;
                            default -> throw wrong(found, "use true or false");
                        })
                .orElse(otherwise);
    }

    /** A whole number in that range. */
    public int integer(String option, int otherwise, int least, int most, String... formerNames) {
        Optional<Found> found = find(option, formerNames);
        if (found.isEmpty()) {
            return otherwise;
        }
        String remedy = "use a whole number from " + least + " to " + most;
        try {
            int value = Integer.parseInt(found.get().text());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw wrong(found.get(), remedy);
        }
        throw wrong(found.get(), remedy);
    }

    /** A number in that range, e.g. seconds. */
    public double number(String option, double otherwise, double least, double most) {
        Optional<Found> found = find(option);
        if (found.isEmpty()) {
            return otherwise;
        }
        String remedy = "use a number from " + least + " to " + most;
        try {
            double value = Double.parseDouble(found.get().text());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw wrong(found.get(), remedy);
        }
        throw wrong(found.get(), remedy);
    }

    /** One of the choices, in any case; empty when it is not set. */
    public Optional<String> choice(String option, List<String> choices) {
        return find(option)
                .map(found ->
                        choices.stream()
                                .filter(found.text()::equalsIgnoreCase)
                                .findFirst()
                                .orElseThrow(() ->
                                        wrong(found, "use one of " + String.join(", ", choices))));
    }

    /** An error about a value that is set. */
    public ConfigurationException wrong(String option, String remedy) {
        return find(option)
                .map(found -> wrong(found, remedy))
                .orElseGet(() ->
                        new ConfigurationException("[" + name + "] " + option + ": " + remedy));
    }

    private ConfigurationException wrong(Found found, String remedy) {
        return new ConfigurationException(
                "[%s] %s = %s (%s): %s"
                        .formatted(name, found.option(), found.text(), found.place(), remedy));
    }

    private Optional<Found> find(String option, String... formerNames) {
        Optional<Found> found = look(option);
        for (int i = 0; found.isEmpty() && i < formerNames.length; i++) {
            found = look(formerNames[i]);
        }
        return found;
    }

    private Optional<Found> look(String option) {
        return configuration
                .last(name, option)
                .map(value ->
                        new Found(
                                option,
                                Substitution.in(configuration, name, value.text()).strip(),
                                value.place()));
    }

    private record Found(String option, String text, String place) {}
}
