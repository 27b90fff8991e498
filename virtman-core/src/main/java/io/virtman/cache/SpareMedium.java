package io.virtman.cache;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * A medium that can be done without: what goes wrong with it is counted by its owner and answered
 * with false. Safe for many threads.
 */
final class SpareMedium implements Closeable {
    /** Keeps nothing. */
    static final SpareMedium NONE = new SpareMedium(Medium.NONE, _ -> {});

    private final Medium beneath;
    private final Consumer<IOException> failed;

    /**
     * @param beneath owned from here on
     */
    SpareMedium(Medium beneath, Consumer<IOException> failed) {
        this.beneath = beneath;
        this.failed = failed;
    }

    /** Whether {@code target} was filled; if not, its position is undefined. */
    boolean read(long at, ByteBuffer target) {
        try {
            beneath.read(at, target);
            return !target.hasRemaining();
        } catch (IOException e) {
            failed.accept(e);
            return false;
        }
    }

    /** Whether all of {@code bytes} was written. */
    boolean write(long at, ByteBuffer bytes) {
        try {
            beneath.write(at, bytes);
            return true;
        } catch (IOException e) {
            failed.accept(e);
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        beneath.close();
    }
}
