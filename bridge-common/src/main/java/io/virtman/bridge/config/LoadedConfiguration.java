package io.virtman.bridge.config;

import java.util.List;

/**
 * A configuration, and how it came about.
 *
 * @param <T> of one service
 * @param configuration what the service is told
 * @param warnings what is not wrong but should be looked at, a line each
 * @param settings every option with the value in force
 */
public record LoadedConfiguration<T>(
        T configuration, List<String> warnings, List<Setting> settings) {
    /**
     * One option.
     *
     * @param value as in the file or the default; {@code (hidden)} for secrets
     * @param origin file and line, or {@code default}
     */
    public record Setting(String section, String option, String value, String origin) {}

    /** Copies what it is given. */
    public LoadedConfiguration {
        warnings = List.copyOf(warnings);
        settings = List.copyOf(settings);
    }
}
