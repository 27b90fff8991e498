package io.virtman.cache;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Bytes kept at offsets. It may refuse any call; nobody depends on what it keeps. Thread-safe. */
interface Medium extends Closeable {
    /** Opens the medium kept under a path, which is made when missing. */
    @FunctionalInterface
    interface Opener {
        Medium open(Path path) throws IOException;
    }

    /** Reads until {@code target} is full or the medium ends. */
    void read(long at, ByteBuffer target) throws IOException;

    void write(long at, ByteBuffer bytes) throws IOException;

    /** Gives up what lies behind {@code size} bytes. */
    void truncate(long size) throws IOException;

    /** Keeps nothing. */
    Medium NONE =
            new Medium() {
                @Override
                public void read(long at, ByteBuffer target) {}

                @Override
                public void write(long at, ByteBuffer bytes) {}

                @Override
                public void truncate(long size) {}

                @Override
                public void close() {}
            };
}
