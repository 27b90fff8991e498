package io.virtman.messaging.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces {@code $option}, <code>${option}</code> and {@code $section.option} in values; {@code
 * $$} and {@code \$} stand for a dollar sign. An option is looked for in the same section, then in
 * {@code [DEFAULT]}; what is not found stays as it is. Source: {@code oslo_config/cfg.py}, {@code
 * _substitute}, {@code Template}, {@code StrSubWrapper}.
 */
final class Substitution {
    private static final String NAME = "[_a-zA-Z][._a-zA-Z0-9]*";
    private static final Pattern VARIABLE =
            Pattern.compile(
                    "(?:\\\\\\$|\\$\\$)|\\$(?<plain>" + NAME + ")|\\$\\{(?<braced>" + NAME + ")}");

    private static final int DEEPEST = 16;
    private static final int LONGEST = 1 << 20;

    private Substitution() {}

    static String in(OsloConfiguration configuration, String section, String text) {
        return in(configuration, section, text, 0);
    }

    private static String in(
            OsloConfiguration configuration, String section, String text, int depth) {
        if (text.indexOf('$') < 0) {
            return text;
        }
        Matcher matcher = VARIABLE.matcher(text);
        StringBuilder replaced = new StringBuilder();
        while (matcher.find()) {
            String plain = matcher.group("plain");
            String name = plain != null ? plain : matcher.group("braced");
            String value =
                    name == null
                            ? "$"
                            : find(configuration, section, name, depth).orElse(matcher.group());
            matcher.appendReplacement(replaced, Matcher.quoteReplacement(value));
            if (replaced.length() > LONGEST) {
                throw new ConfigurationException(
                        "[" + section + "]: a value with its variables is longer than 1 MiB");
            }
        }
        return matcher.appendTail(replaced).toString();
    }

    private static Optional<String> find(
            OsloConfiguration configuration, String section, String name, int depth) {
        if (depth == DEEPEST) {
            throw new ConfigurationException(
                    "[" + section + "]: variable $" + name + " refers to itself");
        }
        int dot = name.indexOf('.');
        String where = dot < 0 ? section : name.substring(0, dot);
        String option = name.substring(dot + 1);
        Optional<OptionValue> value = configuration.last(where, option);
        if (value.isEmpty() && dot < 0) {
            value = configuration.last("DEFAULT", option);
        }
        return value.map(found -> in(configuration, where, found.text(), depth + 1));
    }
}
