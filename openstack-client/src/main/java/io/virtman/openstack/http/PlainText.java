package io.virtman.openstack.http;

import java.util.regex.Pattern;

/** Text that a server has sent, made fit to be shown and logged. */
public final class PlainText {
    /** Also what changes the direction of text, and halves of characters. */
    private static final Pattern UNFIT = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");

    private PlainText() {}

    /**
     * On one line, with a space for each control character, and cut off.
     *
     * @param limit in UTF-16 units, more than 0
     */
    public static String of(String text, int limit) {
        String plain = UNFIT.matcher(text).replaceAll(" ").replaceAll(" {2,}", " ").strip();
        if (plain.length() <= limit) {
            return plain;
        }
        boolean half = Character.isHighSurrogate(plain.charAt(limit - 1));
        return plain.substring(0, half ? limit - 1 : limit);
    }
}
