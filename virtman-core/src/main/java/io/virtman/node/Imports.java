package io.virtman.node;

import io.virtman.image.ImageFormat;
import io.virtman.image.ImportedImage;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ImageState;
import io.virtman.volt.VoltApi;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;

/**
 * Imports under way on this node: two at a time, a bounded number waiting.
 *
 * <p>What a restart or Volt's absence left open is settled with the next heartbeat that Volt
 * answers: an import whose files are whole is sealed, any other fails. Safe for many threads.
 */
final class Imports implements Closeable {
    private static final Logger LOGGER = System.getLogger(Imports.class.getName());
    private static final int AT_ONCE = 2;
    private static final int WAITING = 64;
    private static final String CUT_SHORT =
            "the import was cut short on its origin, for example by a restart";

    private record Running(AtomicLong done, long total) {}

    private final String node;
    private final VoltApi volt;
    private final Sources sources;
    private final Attachments attachments;
    private final Predicate<ImageRecord> elsewhere;
    private final Map<String, Running> running = new ConcurrentHashMap<>();

    /** Why imports failed that Volt could not be told of. */
    private final Map<String, String> reasons = new ConcurrentHashMap<>();

    /** Whether the catalogue may have images of ours that nobody works on. */
    private final AtomicBoolean unsettled = new AtomicBoolean(true);

    /**
     * Read-locked while an import begins, so that settling never sees one that the catalogue has
     * and {@link #running} has not yet.
     */
    private final ReadWriteLock beginning = new ReentrantReadWriteLock();

    private final ThreadPoolExecutor executor =
            new ThreadPoolExecutor(
                    AT_ONCE,
                    AT_ONCE,
                    1,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(WAITING),
                    Thread.ofPlatform().name("import-", 0).daemon().factory());

    /**
     * @param elsewhere whether an image of this node is imported by others than this object
     */
    Imports(
            String node,
            VoltApi volt,
            Sources sources,
            Attachments attachments,
            Predicate<ImageRecord> elsewhere) {
        this.elsewhere = elsewhere;
        this.node = node;
        this.volt = volt;
        this.sources = sources;
        this.attachments = attachments;
    }

    /** Settles what is open, if anything is; Volt must be reachable. */
    void settle() {
        if (!unsettled.compareAndSet(true, false)) {
            return;
        }
        boolean all = false;
        try {
            all = settle(unclaimed());
        } finally {
            if (!all) {
                unsettled.set(true);
            }
        }
    }

    private List<ImageRecord> unclaimed() {
        beginning.writeLock().lock();
        try {
            Set<String> claimed = Set.copyOf(running.keySet());
            return volt.images().stream()
                    .filter(image -> image.origin().equals(node) && !claimed.contains(image.id()))
                    .filter(Predicate.not(elsewhere))
                    .toList();
        } finally {
            beginning.writeLock().unlock();
        }
    }

    /** Settles each; false when Volt went away meanwhile. */
    private boolean settle(List<ImageRecord> images) {
        boolean all = true;
        for (ImageRecord image : images) {
            try {
                settle(image);
                reasons.remove(image.id());
            } catch (IOException | RuntimeException e) {
                all &= !isAway(e);
                LOGGER.log(Level.WARNING, "image {0} is not settled: {1}", image.name(), e);
            }
        }
        return all;
    }

    private void settle(ImageRecord image) throws IOException {
        Optional<ImportedImage> whole = sources.find(image.id());
        if (image.state() != ImageState.FAILED && whole.isPresent()) {
            attachments.serve(image.id(), image.name(), whole.get().sealed());
        }
        switch (image.state()) {
            case SEALED -> {}
            case FAILED -> attachments.removeSource(image.id(), _ -> false);
            case IMPORTING -> {
                if (whole.isPresent()) {
                    seal(image, whole.get());
                } else {
                    attachments.removeSource(image.id(), _ -> false);
                    volt.fail(image.id(), reasons.getOrDefault(image.id(), CUT_SHORT));
                }
            }
        }
    }

    private void seal(ImageRecord image, ImportedImage imported) {
        volt.seal(image.id(), imported.sealed().digest().hex(), imported.sealed().size());
    }

    private static boolean isAway(Exception e) {
        return e instanceof ProblemException problem && problem.kind() == Kind.UNAVAILABLE;
    }

    ImageRecord start(String name, String path, String format) {
        ImageFormat declared = ImageFormat.parse(format);
        Path source = absolute(path);
        long total = sizeOf(source);
        Running progress = new Running(new AtomicLong(), total);
        ImageRecord image = begin(name, format, progress);
        try {
            executor.execute(() -> run(image, source, declared, progress));
        } catch (RejectedExecutionException e) {
            report(image, "too many imports wait on " + node);
            running.remove(image.id());
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "image",
                    "too many imports wait on " + node,
                    "try again later",
                    e);
        }
        return image;
    }

    private ImageRecord begin(String name, String format, Running progress) {
        beginning.readLock().lock();
        try {
            ImageRecord image = volt.add(name, node, format);
            running.put(image.id(), progress);
            return image;
        } catch (ProblemException e) {
            unsettled.set(isAway(e) || unsettled.get()); // it may have been added all the same
            throw e;
        } finally {
            beginning.readLock().unlock();
        }
    }

    private static Path absolute(String path) {
        try {
            Path source = Path.of(path);
            if (source.isAbsolute()) {
                return source;
            }
        } catch (InvalidPathException e) {
            throw new ProblemException(
                    Kind.INVALID, "path", "not a path", "give an absolute path on the node", e);
        }
        throw new ProblemException(
                Kind.INVALID,
                "path",
                "'" + path + "' is not absolute",
                "give an absolute path on the node");
    }

    /** Refuses at once what can't be imported, before a name is taken in the catalogue. */
    private static long sizeOf(Path source) {
        try {
            if (!Files.isRegularFile(source)) {
                throw new ProblemException(
                        Files.exists(source) ? Kind.INVALID : Kind.NOT_FOUND,
                        "path",
                        source
                                + (Files.exists(source)
                                        ? " is not a regular file"
                                        : " does not exist"),
                        "give the path of an image file on the node's host");
            }
            return Files.size(source);
        } catch (IOException e) {
            throw new ProblemException(
                    Kind.FAILED, "path", source + " can't be read: " + e, "check it", e);
        }
    }

    private void run(ImageRecord image, Path source, ImageFormat format, Running progress) {
        boolean settled = false;
        try {
            settled = work(image, source, format, progress);
        } finally {
            running.remove(image.id());
            if (!settled) {
                unsettled.set(true);
            }
        }
    }

    /** Returns whether Volt knows how it ended. */
    private boolean work(ImageRecord image, Path source, ImageFormat format, Running progress) {
        try {
            ImportedImage imported = sources.add(image.id(), source, format, progress.done()::set);
            attachments.serve(image.id(), image.name(), imported.sealed());
            seal(image, imported);
            return true;
        } catch (IOException | RuntimeException e) {
            LOGGER.log(
                    Level.WARNING,
                    "import of {0} from {1}: {2}",
                    image.name(),
                    source,
                    e.getMessage());
            // while Volt is away the work is kept: sealing is tried again
            return !isAway(e) && abandon(image, e);
        }
    }

    private boolean abandon(ImageRecord image, Exception cause) {
        try {
            attachments.removeSource(image.id(), _ -> false);
        } catch (IOException | RuntimeException e) {
            LOGGER.log(Level.WARNING, "files of {0} are left: {1}", image.name(), e);
        }
        return report(image, cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }

    private boolean report(ImageRecord image, String reason) {
        try {
            volt.fail(image.id(), reason);
            return true;
        } catch (ProblemException e) {
            LOGGER.log(
                    Level.WARNING,
                    "the failed import of {0} could not be reported: {1}",
                    image.name(),
                    e.getMessage());
            if (isAway(e)) {
                reasons.put(image.id(), reason);
                unsettled.set(true);
            }
            return !isAway(e);
        }
    }

    ImportProgress progress(String image) {
        Running one = running.get(Names.require("image", image));
        if (one == null) {
            throw new ProblemException(
                    Kind.NOT_FOUND,
                    "image",
                    image + " is not being imported here",
                    "ask Volt for its state");
        }
        return new ImportProgress(image, one.done().get(), one.total());
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
