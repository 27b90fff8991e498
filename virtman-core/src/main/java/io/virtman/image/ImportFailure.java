package io.virtman.image;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Says what a failed import means to a person. */
final class ImportFailure {
    private static final long FULL = 1 << 20;

    private ImportFailure() {}

    /**
     * The failure in words.
     *
     * @throws InterruptedIOException when it came of an interrupt, which needs no explanation
     */
    static ProblemException explain(IOException e, String source, Path directory)
            throws InterruptedIOException {
        if (e instanceof InterruptedIOException interrupted) {
            throw interrupted;
        }
        if (e instanceof ClosedByInterruptException) {
            var interrupted = new InterruptedIOException("interrupted while importing " + source);
            interrupted.initCause(e);
            throw interrupted;
        }
        if (isFull(e, directory)) {
            return new ProblemException(
                    Kind.FAILED,
                    directory.toString(),
                    "has no space left for the image " + source,
                    "free some space or use another directory",
                    e);
        }
        return new ProblemException(
                Kind.FAILED,
                source,
                "cannot be imported: " + Printable.of(reason(e)),
                "see to the cause, then import it again",
                e);
    }

    /** A file system exception may carry no words but the file's name. */
    private static String reason(IOException e) {
        return e instanceof FileSystemException found && found.getReason() == null
                ? e.toString()
                : String.valueOf(e.getMessage());
    }

    /** The system's words may be in the operator's language: then the free space tells. */
    private static boolean isFull(IOException e, Path directory) {
        for (Throwable at = e; at != null; at = at.getCause()) {
            String message = String.valueOf(at.getMessage());
            if (message.contains("No space left") || message.contains("quota exceeded")) {
                return true;
            }
        }
        return usableSpace(directory) < FULL;
    }

    private static long usableSpace(@Nullable Path directory) {
        Path existing = directory;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        try {
            if (existing == null) {
                return Long.MAX_VALUE;
            }
            FileStore store = Files.getFileStore(existing);
            // file systems without storage, such as proc, have no space to run out of
            return store.getTotalSpace() == 0 ? Long.MAX_VALUE : store.getUsableSpace();
        } catch (IOException e) {
            return Long.MAX_VALUE; // unknown: the first failure is the one to tell
        }
    }
}
