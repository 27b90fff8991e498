package io.virtman.messaging.wire;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Collects the envelope: the JSON text written to it becomes the inside of a JSON string in the
 * same pass. One thread.
 */
final class EscapedOutput extends OutputStream {
    private static final HexFormat HEX = HexFormat.of();

    private byte[] buffer = new byte[4096];
    private int length;

    /** Adds text of the envelope itself. */
    void plain(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        reserve(bytes.length);
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    /** The generator hands over a few thousand bytes at a time. */
    @Override
    public void write(byte[] bytes, int offset, int count) {
        reserve(2 * count);
        byte[] target = buffer;
        int end = length;
        for (int i = offset; i < offset + count; i++) {
            byte value = bytes[i];
            if (value == '"' || value == '\\') {
                target[end++] = '\\';
            } else if (value >= 0 && value < ' ') {
                length = end;
                writeControl(value, 2 * count);
                target = buffer;
                end = length;
                continue;
            }
            target[end++] = value;
        }
        length = end;
    }

    /** Only raw JSON with white space of its own has any. */
    private void writeControl(byte value, int others) {
        plain("\\u00" + HEX.toHexDigits(value));
        reserve(others);
    }

    private void reserve(int more) {
        long needed = (long) length + more;
        if (needed > buffer.length) {
            if (needed > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException("a message of more than 2 GiB");
            }
            long grown = Math.min(Integer.MAX_VALUE - 8, buffer.length * 2L);
            buffer = Arrays.copyOf(buffer, (int) Math.max(needed, grown));
        }
    }

    /** All of it. */
    byte[] toByteArray() {
        return Arrays.copyOf(buffer, length);
    }
}
