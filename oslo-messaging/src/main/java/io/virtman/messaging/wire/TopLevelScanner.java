package io.virtman.messaging.wire;

import org.jspecify.annotations.Nullable;

/**
 * Finds those members of a JSON object whose values are strings, without keeping anything: takes
 * one character after the other, in constant memory, however long or deep the text is. Anything
 * below the top level is only counted. Broken JSON ends it at worst early. One thread.
 *
 * <pre>
 * between -- " --> in a string -- \ --> escape -- u --> four digits
 *    ^                |  ^  ^             |                  |
 *    +------- " ------+  |  +-------------+                  |
 *                        +-----------------------------------+
 * </pre>
 */
final class TopLevelScanner implements MemberText {
    /** Longer names than this are of no interest. */
    private static final int LONGEST_NAME = 64;

    private static final int PLAIN = 0;
    private static final int BACKSLASH = 1;
    private static final int FIRST_DIGIT = 2;
    private static final int LAST_DIGIT = 5;

    private final Members members;
    private final StringBuilder name = new StringBuilder();
    private @Nullable MemberText value;
    private long depth;
    private boolean afterColon;
    private boolean inString;
    private boolean inName;
    private boolean over;
    private int escape;
    private int digits;

    TopLevelScanner(Members members) {
        this.members = members;
    }

    /** Is asked about each member. */
    @FunctionalInterface
    interface Members {
        /** Who takes the string that begins now; null when nobody wants it. */
        @Nullable MemberText begin(String name);
    }

    /** Whether nothing more can come. */
    boolean over() {
        return over;
    }

    @Override
    public void end() {
        over = true;
    }

    @Override
    public void accept(int character) {
        if (inString) {
            inString(character);
        } else if (!over) {
            between(character);
        }
    }

    /** Takes the next bytes of the text, any of them. */
    void scan(byte[] bytes, int count) {
        int position = 0;
        while (position < count && !over) {
            int end = position;
            while (end < count && bytes[end] != '"' && bytes[end] != '\\') {
                end++;
            }
            accept(bytes, position, end);
            if (end < count) {
                accept(bytes[end]);
            }
            position = end + 1;
        }
    }

    @Override
    public void accept(byte[] bytes, int from, int to) {
        int position = from;
        while (position < to && !(inString && escape == PLAIN)) {
            accept(bytes[position++] & 0xff);
        }
        if (position == to || (value == null && !inName)) {
            return;
        }
        if (value != null) {
            value.accept(bytes, position, to);
        } else {
            for (int i = position; i < to; i++) {
                put(bytes[i] & 0xff);
            }
        }
    }

    private void between(int character) {
        switch (character) {
            case '"' -> {
                inString = true;
                inName = depth == 1 && !afterColon;
                if (inName) {
                    name.setLength(0);
                } else if (depth == 1) {
                    value = members.begin(name.toString());
                }
            }
            case '{', '[' -> {
                over = depth == 0 && character == '[';
                depth++;
            }
            case '}', ']' -> {
                depth--;
                over = depth <= 0;
            }
            case ':' -> afterColon |= depth == 1;
            case ',' -> afterColon &= depth != 1;
            default -> {
                // white space, a number or a word
            }
        }
    }

    private void inString(int character) {
        if (escape == PLAIN) {
            if (character == '\\') {
                escape = BACKSLASH;
            } else if (character == '"') {
                endString();
            } else {
                put(character);
            }
        } else if (escape == BACKSLASH) {
            if (character == 'u') {
                escape = FIRST_DIGIT;
                digits = 0;
            } else {
                escape = PLAIN;
                put(unescaped(character));
            }
        } else {
            digits = digits << 4 | (Character.digit(character, 16) & 15);
            if (escape++ == LAST_DIGIT) {
                escape = PLAIN;
                put(digits);
            }
        }
    }

    private static int unescaped(int character) {
        return switch (character) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> character;
        };
    }

    private void put(int character) {
        if (value != null) {
            value.accept(character);
        } else if (inName && name.length() <= LONGEST_NAME) {
            name.append((char) character);
        }
    }

    private void endString() {
        inString = false;
        inName = false;
        if (value != null) {
            value.end();
            value = null;
        }
    }
}
