package io.virtman.cinder.notify;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code str()} of a dictionary of text, which is what snapshots' metadata are told as. */
final class PythonDict {
    private PythonDict() {}

    /**
     * Writes it.
     *
     * @param entries with the columns {@code key} and {@code value}
     * @return empty for none, as {@code null_safe_str} has it
     */
    static String of(List<Map<String, @Nullable Object>> entries) {
        return entries.isEmpty()
                ? ""
                : "{"
                        + String.join(
                                ", ",
                                entries.stream()
                                        .map(each ->
                                                literal(each.get("key"))
                                                        + ": "
                                                        + literal(each.get("value")))
                                        .toList())
                        + "}";
    }

    /** {@code repr()}, {@code Objects/unicodeobject.c}. */
    private static String literal(@Nullable Object value) {
        if (value == null) {
            return "None";
        }
        String text = value.toString();
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder out = new StringBuilder().append(quote);
        text.codePoints()
                .forEach(c -> {
                    switch (c) {
                        case '\n' -> out.append("\\n");
                        case '\r' -> out.append("\\r");
                        case '\t' -> out.append("\\t");
                        case '\\' -> out.append("\\\\");
                        default -> {
                            if (c == quote) {
                                out.append('\\').append(quote);
                            } else if (c < ' ' || (c >= 0x7f && c <= 0xa0)) {
                                out.append(String.format(Locale.ROOT, "\\x%02x", c));
                            } else {
                                out.appendCodePoint(c);
                            }
                        }
                    }
                });
        return out.append(quote).toString();
    }
}
