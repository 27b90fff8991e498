package io.virtman.stack.userspace;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import io.virtman.block.UnreachableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A source that goes on asking while nobody who has the bytes can be reached, as after a reboot of
 * many hosts at once: a guest that waits goes on later, one that is told of an I/O error does not.
 * Whatever else fails fails at once. Owns nothing.
 *
 * @param patience for one read; each attempt may take as long as the source itself waits
 */
record PatientSource(BlockSource source, Duration patience) implements BlockSource {
    @Override
    public long size() {
        return source.size();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        int start = target.position();
        var _ =
                insist(() -> {
                    source.read(offset, target.position(start));
                    return true;
                });
    }

    @Override
    public boolean readNow(long offset, ByteBuffer target) throws IOException {
        return source.readNow(offset, target); // asks nobody
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        return insist(() -> source.extent(offset, length));
    }

    private interface Attempt<T> {
        T make() throws IOException;
    }

    private <T> T insist(Attempt<T> attempt) throws IOException {
        long giveUp = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return attempt.make();
            } catch (IOException e) {
                if (!unreachable(e) || System.nanoTime() - giveUp >= 0) {
                    throw e;
                }
            }
        }
    }

    /** Who waited for another's fetch is given its failure as a cause. */
    private static boolean unreachable(IOException failure) {
        @Nullable Throwable at = failure;
        for (int depth = 0; at != null && depth < 8; depth++) {
            if (at instanceof UnreachableException) {
                return true;
            }
            at = at.getCause();
        }
        return false;
    }

    @Override
    public void close() {}
}
