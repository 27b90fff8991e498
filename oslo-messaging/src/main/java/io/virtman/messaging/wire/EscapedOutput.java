package io.virtman.messaging.wire;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Collects the envelope: the JSON text written to it becomes the inside of a JSON string in the
 * same pass. One thread.
 */
final class EscapedOutput extends OutputStream {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST = 6;

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
        reserve(LONGEST);
        put((byte) value);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
        int end = offset + count;
        int done = offset;
        while (done < end) {
            int step = Math.min(end - done, 4096);
            reserve(step * LONGEST);
            for (int i = done; i < done + step; i++) {
                put(bytes[i]);
            }
            done += step;
        }
    }

    private void put(byte value) {
        if (value == '"' || value == '\\') {
            buffer[length++] = '\\';
            buffer[length++] = value;
        } else if (value >= 0 && value < ' ') {
            byte[] escape = {'\\', 'u', '0', '0', HEX[value >> 4], HEX[value & 15]};
            System.arraycopy(escape, 0, buffer, length, escape.length);
            length += escape.length;
        } else {
            buffer[length++] = value;
        }
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
