package io.virtman.messaging.wire;

/** Takes a string member of a JSON object, character by character, as it is scanned. */
interface MemberText {
    /** One UTF-16 unit, or one byte of UTF-8 where the text was not escaped. */
    void accept(int character);

    /** The string was complete. */
    void end();
}
