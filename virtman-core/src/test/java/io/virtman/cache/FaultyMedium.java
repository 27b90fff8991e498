package io.virtman.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Predicate;

/** A file whose reads or writes fail as the test says; one such object may stand for many files. */
final class FaultyMedium implements Medium.Opener {
    /** What is asked of which file. */
    record Call(String file, boolean write, long at) {}

    private volatile Predicate<Call> fails = _ -> false;

    void failWhen(Predicate<Call> now) {
        fails = now;
    }

    @Override
    public Medium open(Path path) throws IOException {
        String name = String.valueOf(path.getFileName());
        check(new Call(name + " open", true, 0));
        Medium beneath = FileMedium.open(path);
        return new Medium() {
            @Override
            public void read(long at, ByteBuffer target) throws IOException {
                check(new Call(name, false, at));
                beneath.read(at, target);
            }

            @Override
            public void write(long at, ByteBuffer bytes) throws IOException {
                check(new Call(name, true, at));
                beneath.write(at, bytes);
            }

            @Override
            public void truncate(long size) throws IOException {
                check(new Call(name, true, size));
                beneath.truncate(size);
            }

            @Override
            public void close() throws IOException {
                beneath.close();
            }
        };
    }

    private void check(Call call) throws IOException {
        if (fails.test(call)) {
            throw new IOException("No space left on device");
        }
    }
}
