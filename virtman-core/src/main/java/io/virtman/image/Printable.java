package io.virtman.image;

/** Makes text from outside fit for a message. */
final class Printable {
    private static final int LONGEST = 200;

    private Printable() {}

    /** The beginning of a text, on one line. */
    static String of(String text) {
        String shortened = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
        return shortened
                .codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
