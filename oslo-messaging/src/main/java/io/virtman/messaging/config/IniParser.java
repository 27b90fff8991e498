package io.virtman.messaging.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The syntax of {@code oslo_config/iniparser.py}: sections, {@code key = value} or {@code key:
 * value}, comments after # or ; at the beginning of a line, values that go on in indented lines,
 * quotes around a value dropped. For one file and one thread.
 */
final class IniParser {
    private final String file;
    private final Map<String, Map<String, List<OptionValue>>> sections = new LinkedHashMap<>();
    private @Nullable Map<String, List<OptionValue>> section;
    private @Nullable String key;
    private int keyLine;
    private final StringBuilder value = new StringBuilder();
    private int line;

    private IniParser(String file) {
        this.file = file;
    }

    static Map<String, Map<String, List<OptionValue>>> parse(String file, List<String> lines) {
        IniParser parser = new IniParser(file);
        for (String text : lines) {
            parser.line++;
            parser.accept(text.stripTrailing());
        }
        parser.assign();
        return parser.sections;
    }

    private void accept(String text) {
        if (text.isEmpty()) {
            assign();
        } else if (text.startsWith(" ") || text.startsWith("\t")) {
            if (key == null) {
                throw wrong("goes on from no option; remove the space before it");
            }
            value.append('\n').append(text.stripLeading());
        } else {
            assign();
            if (text.startsWith("[")) {
                begin(text);
            } else if (!text.startsWith("#") && !text.startsWith(";")) {
                option(text);
            }
        }
    }

    private void begin(String text) {
        if (!text.endsWith("]") || text.length() < 3) {
            throw wrong("is no [section]");
        }
        section =
                sections.computeIfAbsent(
                        text.substring(1, text.length() - 1), _ -> new LinkedHashMap<>());
    }

    private void option(String text) {
        int colon = text.indexOf(':');
        int equal = text.indexOf('=');
        int separator = colon < 0 || (equal >= 0 && equal < colon) ? equal : colon;
        if (separator < 0) {
            throw wrong("has no '=': write option = value");
        }
        String name = text.substring(0, separator).strip();
        if (name.isEmpty()) {
            throw wrong("has no name before '='");
        }
        if (section == null) {
            throw wrong("stands before the first [section]");
        }
        key = name;
        keyLine = line;
        value.append(unquoted(text.substring(separator + 1).strip()));
    }

    private static String unquoted(String text) {
        boolean quoted =
                text.length() > 1
                        && (text.startsWith("\"") || text.startsWith("'"))
                        && text.charAt(0) == text.charAt(text.length() - 1);
        return quoted ? text.substring(1, text.length() - 1) : text;
    }

    private void assign() {
        if (key != null && section != null) {
            section.computeIfAbsent(key, _ -> new ArrayList<>())
                    .add(new OptionValue(value.toString(), file + " line " + keyLine));
        }
        key = null;
        value.setLength(0);
    }

    /** Never with the text of the line, which may be a password. */
    private ConfigurationException wrong(String what) {
        return new ConfigurationException(file + ": line " + line + " " + what);
    }
}
