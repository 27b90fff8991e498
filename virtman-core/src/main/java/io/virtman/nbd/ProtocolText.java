package io.virtman.nbd;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Strings of the protocol: UTF-8, no NUL, at most 4096 bytes (section "Conventions"). */
final class ProtocolText {
    private ProtocolText() {}

    /**
     * Takes {@code length} bytes from {@code data} as a string.
     *
     * @throws CharacterCodingException when they are no valid string
     */
    static String take(ByteBuffer data, int length) throws CharacterCodingException {
        if (length < 0 || length > NbdProtocol.MAXIMUM_STRING || length > data.remaining()) {
            throw new CharacterCodingException();
        }
        ByteBuffer bytes = data.slice(data.position(), length);
        data.position(data.position() + length);
        String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        if (text.indexOf('\0') >= 0) {
            throw new CharacterCodingException();
        }
        return text;
    }

    /** Text from the other side, safe to log and to print; shortened. */
    static String printable(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        StringBuilder printable = new StringBuilder();
        text.codePoints()
                .limit(200)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .forEach(printable::appendCodePoint);
        return printable.toString();
    }
}
