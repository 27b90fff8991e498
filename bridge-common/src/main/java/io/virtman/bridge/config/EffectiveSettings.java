package io.virtman.bridge.config;

import io.virtman.bridge.config.LoadedConfiguration.Setting;
import io.virtman.messaging.config.OptionSection;
import io.virtman.messaging.config.OsloConfiguration;
import io.virtman.messaging.config.TransportUrl;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code --check} tells: every option with its value in force, secrets hidden. */
final class EffectiveSettings {
    private static final String HIDDEN = "(hidden)";

    private final OsloConfiguration configuration;
    private final Map<String, Option<?>> ours = new HashMap<>();

    EffectiveSettings(OsloConfiguration configuration) {
        this.configuration = configuration;
        KnownOptions.OURS.forEach(
                option -> ours.put(option.section() + "." + option.name(), option));
    }

    List<Setting> all() {
        List<Setting> settings = new ArrayList<>();
        KnownOptions.names()
                .forEach((section, names) -> {
                    for (String name : names) {
                        settings.add(setting(section, name));
                    }
                });
        return settings;
    }

    private Setting setting(String section, String name) {
        OptionSection values = configuration.section(section);
        Optional<Option<?>> option = Optional.ofNullable(ours.get(section + "." + name));
        Optional<String> set = values.text(name);
        String value =
                set.map(text -> shown(name, text, option))
                        .or(() -> option.flatMap(Option::otherwise))
                        .orElse("-");
        return new Setting(section, name, value, values.place(name).orElse("default"));
    }

    private static String shown(String name, String text, Optional<Option<?>> option) {
        if (name.equals(KnownOptions.TRANSPORT_URL)) {
            return text.isEmpty() ? "-" : TransportUrl.parse(text).toString();
        }
        if (name.equals(KnownOptions.CONNECTION.name())) {
            return DatabaseUrl.parse(text).toString();
        }
        return option.map(Option::secret).orElse(false) ? HIDDEN : text;
    }
}
