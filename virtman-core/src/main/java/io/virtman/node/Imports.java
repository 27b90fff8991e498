package io.virtman.node;

import io.virtman.image.ImageFormat;
import io.virtman.image.ImportedImage;
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
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Imports under way on this node: two at a time, a bounded number waiting. An import that a restart
 * cut short is reported as failed at the next start. Safe for many threads.
 */
final class Imports implements Closeable {
    private static final Logger LOGGER = System.getLogger(Imports.class.getName());
    private static final int AT_ONCE = 2;
    private static final int WAITING = 64;

    private record Running(AtomicLong done, long total) {}

    private final String node;
    private final VoltApi volt;
    private final Sources sources;
    private final Attachments attachments;
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor executor =
            new ThreadPoolExecutor(
                    AT_ONCE,
                    AT_ONCE,
                    1,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(WAITING),
                    Thread.ofPlatform().name("import-", 0).daemon().factory());

    Imports(String node, VoltApi volt, Sources sources, Attachments attachments) {
        this.node = node;
        this.volt = volt;
        this.sources = sources;
        this.attachments = attachments;
    }

    /** Reports imports of this node that a restart cut short; Volt must be reachable. */
    void failInterrupted() {
        for (ImageRecord image : volt.images()) {
            boolean mine = image.origin().equals(node) && image.state() == ImageState.IMPORTING;
            if (mine && !running.containsKey(image.id())) {
                volt.fail(image.id(), "the origin's service was restarted during the import");
            }
        }
    }

    ImageRecord start(String name, String path, String format) {
        ImageFormat declared = ImageFormat.parse(format);
        Path source = absolute(path);
        long total = sizeOf(source);
        ImageRecord image = volt.add(name, node, format);
        Running progress = new Running(new AtomicLong(), total);
        running.put(image.id(), progress);
        try {
            executor.execute(() -> run(image, source, declared, progress));
        } catch (RejectedExecutionException e) {
            running.remove(image.id());
            volt.fail(image.id(), "too many imports wait on " + node);
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "image",
                    "too many imports wait on " + node,
                    "try again later",
                    e);
        }
        return image;
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
        try {
            ImportedImage imported = sources.add(image.id(), source, format, progress.done()::set);
            attachments.serve(image.id(), image.name(), imported.sealed());
            volt.seal(image.id(), imported.sealed().digest().hex(), imported.sealed().size());
        } catch (IOException | RuntimeException e) {
            LOGGER.log(
                    Level.WARNING,
                    "import of {0} from {1} failed: {2}",
                    image.name(),
                    source,
                    e.getMessage());
            fail(image, e);
        } finally {
            running.remove(image.id());
        }
    }

    private void fail(ImageRecord image, Exception cause) {
        try {
            attachments.withdraw(image.id());
            sources.remove(image.id());
            volt.fail(
                    image.id(), cause.getMessage() == null ? cause.toString() : cause.getMessage());
        } catch (IOException | RuntimeException e) {
            LOGGER.log(
                    Level.WARNING,
                    "the failed import of {0} could not be reported: {1}",
                    image.name(),
                    e);
        }
    }

    ImportProgress progress(String image) {
        Running one = running.get(image);
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
