package io.virtman.cache;

import io.virtman.image.HashTreeLayout;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The pages of an image's hash tree that this node may believe. Safe for many threads. */
interface HashPages extends Closeable {
    HashTreeLayout layout();

    /** The hash that a data block must have. May wait for hosts. */
    byte[] blockHash(long block) throws IOException;

    /** The page's 4096 bytes, not to be changed. May wait for hosts. */
    byte[] page(int level, long page) throws IOException;

    /** The page if it is in memory. */
    byte @Nullable [] pageNow(int level, long page);

    /** Whether all data below the page is known to be zero. May wait for hosts. */
    boolean isZero(int level, long page) throws IOException;

    /** Fails when the image has not the size it was said to have. May wait for hosts. */
    void requireSize() throws IOException;
}
