package io.virtman.app.quickstart;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a cpio archive in the "newc" format, which Linux unpacks as its initial RAM disk. All
 * owners are root and all times 0, so that equal contents give equal bytes. One thread.
 */
final class CpioArchive implements AutoCloseable {
    private static final int DIRECTORY = 0040000;
    private static final int CHARACTER_DEVICE = 0020000;
    private static final int REGULAR_FILE = 0100000;
    private static final byte[] NO_DATA = {};
    private static final String TRAILER = "TRAILER!!!";

    private final OutputStream output;
    private int nextInode = 1;
    private long written;

    CpioArchive(OutputStream output) {
        this.output = output;
    }

    /** Adds an empty directory; parents go first. */
    void directory(String name) throws IOException {
        entry(name, DIRECTORY | 0755, 0, 0, NO_DATA);
    }

    void file(String name, boolean executable, byte[] data) throws IOException {
        entry(name, REGULAR_FILE | (executable ? 0755 : 0644), 0, 0, data);
    }

    void characterDevice(String name, int major, int minor) throws IOException {
        entry(name, CHARACTER_DEVICE | 0600, major, minor, NO_DATA);
    }

    /** Writes the end of the archive and closes the stream. */
    @Override
    public void close() throws IOException {
        try (output) {
            entry(TRAILER, 0, 0, 0, NO_DATA);
        }
    }

    private void entry(String name, int mode, int major, int minor, byte[] data)
            throws IOException {
        byte[] encodedName = name.getBytes(StandardCharsets.UTF_8);
        int[] fields = {
            nextInode++,
            mode,
            0, // owner
            0, // group
            1, // links
            0, // time
            data.length,
            0, // device of the file
            0,
            major,
            minor,
            encodedName.length + 1,
            0 // no checksum in this format
        };
        StringBuilder header = new StringBuilder("070701");
        for (int field : fields) {
            header.append("%08X".formatted(field));
        }
        write(header.toString().getBytes(StandardCharsets.US_ASCII));
        write(encodedName);
        write(new byte[1]);
        pad();
        write(data);
        pad();
    }

    private void pad() throws IOException {
        write(new byte[(int) (-written & 3)]);
    }

    private void write(byte[] bytes) throws IOException {
        output.write(bytes);
        written += bytes.length;
    }
}
