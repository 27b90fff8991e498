package io.virtman.volt;

/** Text of others, made fit for terminals and logs. */
final class Text {
    private Text() {}

    /** At most {@code limit} characters of a text, each control character as a question mark. */
    static String printable(String text, int limit) {
        int end = Math.min(text.length(), limit);
        if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        StringBuilder printable = new StringBuilder(end);
        text.substring(0, end)
                .codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .forEach(printable::appendCodePoint);
        return printable.toString();
    }
}
