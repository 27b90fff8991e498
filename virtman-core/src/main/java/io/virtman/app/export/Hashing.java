package io.virtman.app.export;

import io.virtman.block.BlockSource;
import io.virtman.block.ImageDigest;
import io.virtman.image.HashTreeBuilder;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes the hash tree of a disk in a thread of its own. Owns neither disk nor tree. */
final class Hashing implements Closeable {
    private static final Logger LOGGER = System.getLogger(Hashing.class.getName());
    private static final Duration END_BOUND = Duration.ofSeconds(10);

    /** Told the digest once the tree is complete. */
    @FunctionalInterface
    interface Completion {
        void complete(ImageDigest digest) throws IOException;
    }

    private final Path file;
    private final BlockSource disk;
    private final ScratchFile tree;
    private final Completion completion;
    private @Nullable Thread thread;

    Hashing(Path file, BlockSource disk, ScratchFile tree, Completion completion) {
        this.file = file;
        this.disk = disk;
        this.tree = tree;
        this.completion = completion;
    }

    /** Begins; {@code output} gets a line with the digest at the end. */
    void start(Consumer<String> output) {
        thread = Thread.ofPlatform().daemon().name("hashing").start(() -> run(output));
    }

    private void run(Consumer<String> output) {
        try {
            ImageDigest digest = HashTreeBuilder.build(disk, tree.channel(), _ -> {});
            completion.complete(digest);
            output.accept("digest " + digest);
        } catch (IOException | RuntimeException e) {
            if (!Thread.currentThread().isInterrupted()) {
                LOGGER.log(
                        Level.WARNING,
                        "no hash tree of {0}, so children can not verify it: {1}",
                        file,
                        e.getMessage());
            }
        }
    }

    /** Ends it early. */
    @Override
    public void close() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            try {
                running.join(END_BOUND);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
