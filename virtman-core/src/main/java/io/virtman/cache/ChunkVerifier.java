package io.virtman.cache;

import io.virtman.block.Extent;
import io.virtman.block.Upstream;
import java.io.IOException;

/** Knows what the chunks of one image must be. Safe for many threads. */
interface ChunkVerifier {
    /**
     * Whether the chunk is known to be all zeroes, so that it needs neither fetch nor space. May
     * wait for hosts.
     */
    boolean isZero(long chunk) throws IOException;

    /** The check that a chunk's bytes must pass. May wait for hosts; the check itself does not. */
    Upstream.Check check(long chunk) throws IOException;

    /** As {@link io.virtman.block.BlockSource#extent}, for the disk without its tree. */
    Extent extent(long offset, long length) throws IOException;

    /** For content whose sender is trusted: nothing is known, everything is accepted. */
    ChunkVerifier TRUSTING =
            new ChunkVerifier() {
                @Override
                public boolean isZero(long chunk) {
                    return false;
                }

                @Override
                public Upstream.Check check(long chunk) {
                    return Upstream.Check.TRUSTED;
                }

                @Override
                public Extent extent(long offset, long length) {
                    return new Extent(offset, length, false);
                }
            };
}
