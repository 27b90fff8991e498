package io.virtman.stack.userspace;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits for files that other processes make in one directory, told by the kernel. One thread of its
 * own; safe for many.
 */
final class FileArrivals implements Closeable {
    private static final Logger LOGGER = System.getLogger(FileArrivals.class.getName());

    private final Path directory;
    private final WatchService watch;
    private final Map<Path, CompletableFuture<Void>> awaited = new ConcurrentHashMap<>();

    FileArrivals(Path directory) throws IOException {
        this.directory = directory;
        this.watch = directory.getFileSystem().newWatchService();
        var _ = directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
        Thread.ofPlatform().name("arrivals").daemon().start(this::listen);
    }

    private void listen() {
        try {
            for (boolean valid = true; valid; ) {
                WatchKey key = watch.take();
                key.pollEvents()
                        .forEach(event -> {
                            if (event.context() instanceof Path name) {
                                arrived(directory.resolve(name));
                            } else {
                                awaited.keySet()
                                        .forEach(this::arrived); // too many: all have to look
                            }
                        });
                valid = key.reset();
            }
            LOGGER.log(Level.WARNING, "{0} is gone; it is not watched any more", directory);
        } catch (ClosedWatchServiceException e) {
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void arrived(Path file) {
        CompletableFuture<Void> waiter = awaited.get(file);
        if (waiter != null && Files.exists(file)) {
            waiter.complete(null);
        }
    }

    /**
     * Waits for a file of the directory, by one thread for each file.
     *
     * @param end completed when there is no use in waiting on
     * @return whether the file is there
     * @throws InterruptedIOException when the thread is interrupted
     */
    boolean await(Path file, CompletableFuture<?> end, Duration timeout) throws IOException {
        CompletableFuture<Void> arrival = new CompletableFuture<>();
        awaited.put(file, arrival);
        try {
            if (!Files.exists(file)) {
                var _ =
                        CompletableFuture.anyOf(arrival, end)
                                .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (TimeoutException e) {
            return Files.exists(file);
        } catch (ExecutionException e) {
            throw new IOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + file);
        } finally {
            awaited.remove(file, arrival);
        }
        return Files.exists(file);
    }

    @Override
    public void close() throws IOException {
        watch.close();
    }
}
