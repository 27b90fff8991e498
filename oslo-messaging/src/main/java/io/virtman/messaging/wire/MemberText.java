package io.virtman.messaging.wire;

/** Takes a string member of a JSON object, character by character, as it is scanned. */
interface MemberText {
    /** One UTF-16 unit, or one byte of UTF-8 where the text was not escaped. */
    void accept(int character);

    /** Several bytes; none of them is a quotation mark or a backslash. */
    void accept(byte[] bytes, int from, int to);

    /** The string was complete. */
    void end();
}
