package io.virtman.bridge.config;

import io.virtman.messaging.config.ConfigurationException;
import io.virtman.messaging.config.OptionSection;
import io.virtman.messaging.config.OsloConfiguration;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An option of ours, with its default and the way it is read. Declared once, in {@link
 * KnownOptions}; so what is known, what is read and what {@code --check} prints are the same.
 *
 * @param section without brackets
 * @param otherwise the default as one would write it; empty when there is none
 * @param secret whether the value is never shown
 */
record Option<T>(
        String section,
        String name,
        Optional<String> otherwise,
        boolean secret,
        Function<OptionSection, T> reading) {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*([KMGT]?)");

    /** The value, or the default. */
    T read(OsloConfiguration configuration) {
        return reading.apply(configuration.section(section));
    }

    static Option<Optional<String>> text(String section, String name) {
        return new Option<>(
                section,
                name,
                Optional.empty(),
                false,
                values -> values.text(name).filter(text -> !text.isEmpty()));
    }

    static Option<Optional<String>> secret(String section, String name) {
        return new Option<>(section, name, Optional.empty(), true, text(section, name).reading());
    }

    static Option<String> text(String section, String name, String otherwise) {
        return new Option<>(
                section,
                name,
                Optional.of(otherwise),
                false,
                values -> values.text(name).filter(text -> !text.isEmpty()).orElse(otherwise));
    }

    static Option<Boolean> flag(String section, String name, boolean otherwise) {
        return new Option<>(
                section,
                name,
                Optional.of(Boolean.toString(otherwise)),
                false,
                values -> values.flag(name, otherwise));
    }

    static Option<Integer> integer(
            String section, String name, int otherwise, int least, int most) {
        return new Option<>(
                section,
                name,
                Optional.of(Integer.toString(otherwise)),
                false,
                values -> values.integer(name, otherwise, least, most));
    }

    static Option<Duration> seconds(
            String section, String name, int otherwise, int least, int most) {
        Option<Integer> number = integer(section, name, otherwise, least, most);
        return new Option<>(
                section,
                name,
                number.otherwise(),
                false,
                values -> Duration.ofSeconds(number.reading().apply(values)));
    }

    static Option<Double> number(
            String section, String name, double otherwise, double least, double most) {
        return new Option<>(
                section,
                name,
                Optional.of(Double.toString(otherwise)),
                false,
                values -> values.number(name, otherwise, least, most));
    }

    static Option<List<String>> list(String section, String name) {
        return new Option<>(
                section, name, Optional.empty(), false, values -> values.list(name, List.of()));
    }

    /** Names of an enum in lower case, with - for _. */
    static <E extends Enum<E>> Option<E> choice(
            String section, String name, Class<E> type, E otherwise) {
        List<String> names =
                List.of(type.getEnumConstants()).stream().map(Option::written).toList();
        return new Option<>(
                section,
                name,
                Optional.of(written(otherwise)),
                false,
                values ->
                        values.choice(name, names)
                                .map(chosen -> type.getEnumConstants()[names.indexOf(chosen)])
                                .orElse(otherwise));
    }

    private static String written(Enum<?> constant) {
        return constant.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** Bytes, with K, M, G or T for powers of 1024. */
    static Option<Long> bytes(String section, String name, String otherwise) {
        return new Option<>(
                section,
                name,
                Optional.of(otherwise),
                false,
                values -> {
                    String text = values.text(name).orElse(otherwise);
                    Matcher size = SIZE.matcher(text.toUpperCase(java.util.Locale.ROOT));
                    if (!size.matches()
                            || (size.group(2).equals("T") && size.group(1).length() > 6)) {
                        throw values.wrong(name, "use bytes, or 512K, 100M, 2G; 0 for no limit");
                    }
                    int shift =
                            size.group(2).isEmpty() ? 0 : 10 * ("KMGT".indexOf(size.group(2)) + 1);
                    return Math.multiplyExact(Long.parseLong(size.group(1)), 1L << shift);
                });
    }

    /** An address that begins with http:// or https://. */
    static Option<URI> url(String section, String name, Optional<String> otherwise) {
        return new Option<>(
                section,
                name,
                otherwise,
                false,
                values -> {
                    String text =
                            values.text(name)
                                    .filter(value -> !value.isEmpty())
                                    .or(() -> otherwise)
                                    .orElseThrow(() -> missing(section, name));
                    try {
                        URI url = new URI(text);
                        if (url.getHost() != null
                                && url.getUserInfo() == null
                                && List.of("http", "https").contains(url.getScheme())) {
                            return url;
                        }
                    } catch (URISyntaxException e) {
                        throw wrongUrl(values, name);
                    }
                    throw wrongUrl(values, name);
                });
    }

    /** Without the value: people write passwords into addresses. */
    private static ConfigurationException wrongUrl(OptionSection values, String name) {
        return new ConfigurationException(
                values.place(name).orElse("")
                        + ": "
                        + name
                        + " is no address: write http://HOST:PORT or https://HOST:PORT, without a"
                        + " user");
    }

    /** An option that must be given and isn't. */
    static ConfigurationException missing(String section, String name) {
        return new ConfigurationException(
                "[" + section + "] " + name + " is not set: write it into virtman.conf");
    }

    /** The same option, which must be set. */
    static Option<String> required(String section, String name, boolean secret) {
        return new Option<>(
                section,
                name,
                Optional.empty(),
                secret,
                values ->
                        values.text(name)
                                .filter(text -> !text.isEmpty())
                                .orElseThrow(() -> missing(section, name)));
    }

    /** A version, {@code 3.18} say, in which the first number is given. */
    static Option<Optional<String>> version(String section, String name, int major) {
        return new Option<>(
                section,
                name,
                Optional.empty(),
                false,
                values -> {
                    Optional<String> text = values.text(name).filter(value -> !value.isEmpty());
                    if (text.isPresent() && !text.get().matches(major + "\\.\\d{1,4}")) {
                        throw values.wrong(name, "use a version " + major + ".x, or leave it out");
                    }
                    return text;
                });
    }
}
