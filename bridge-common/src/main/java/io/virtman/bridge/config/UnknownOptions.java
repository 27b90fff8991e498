package io.virtman.bridge.config;

import io.virtman.messaging.config.OsloConfiguration;
import java.util.List;
import java.util.Map;

/** Refuses what nobody reads: a misspelt option is a wish that nobody hears. */
final class UnknownOptions {
    private UnknownOptions() {}

    static void find(OsloConfiguration ours, Problems problems) {
        Map<String, List<String>> known = KnownOptions.names();
        for (OsloConfiguration.SetOption option : ours.options()) {
            List<String> names = known.get(option.section());
            if (names == null) {
                problems.add(
                        option.place()
                                + ": section ["
                                + option.section()
                                + "] is not known"
                                + meant("[%s]", option.section(), known.keySet()));
            } else if (!names.contains(option.name())
                    && !MessagingNames.UNLISTED
                            .getOrDefault(option.section(), List.of())
                            .contains(option.name())) {
                problems.add(
                        option.place()
                                + ": ["
                                + option.section()
                                + "] "
                                + option.name()
                                + " is not known"
                                + elsewhere(option.section(), option.name(), names, known));
            }
        }
        for (String section : ours.sections()) {
            boolean empty =
                    ours.options().stream().noneMatch(option -> option.section().equals(section));
            if (empty && !known.containsKey(section)) {
                problems.add(
                        ours
                                + ": section ["
                                + section
                                + "] is not known"
                                + meant("[%s]", section, known.keySet()));
            }
        }
    }

    private static String elsewhere(
            String section, String name, List<String> names, Map<String, List<String>> known) {
        for (Map.Entry<String, List<String>> other : known.entrySet()) {
            if (!other.getKey().equals(section) && other.getValue().contains(name)) {
                return "; it belongs into [" + other.getKey() + "]";
            }
        }
        return meant("%s", name, names);
    }

    private static String meant(String form, String written, java.util.Collection<String> names) {
        return NearestName.of(written, names)
                .map(name -> "; did you mean " + form.formatted(name) + "?")
                .orElse("; see etc/virtman/virtman.conf for what there is");
    }
}
