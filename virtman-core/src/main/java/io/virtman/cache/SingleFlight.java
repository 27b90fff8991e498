package io.virtman.cache;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * One execution per key at a time: who comes while it runs gets its result. A failure reaches all
 * who wait and is then forgotten. No lock is held while it runs. An interrupt concerns its own
 * thread only: when it ends an execution, another of those who wait takes over. The work must not
 * ask for its own key. Safe for many threads.
 *
 * @param <K> what is fetched
 * @param <V> the result; shared by all who waited, so they must not change it
 */
final class SingleFlight<K, V> {
    /** The work; runs on the thread of the first caller. */
    interface Work<V> {
        V run() throws IOException;
    }

    private final ConcurrentHashMap<K, CompletableFuture<V>> flights = new ConcurrentHashMap<>();

    /**
     * @throws InterruptedIOException when the calling thread is interrupted while it waits
     */
    V run(K key, Work<V> work) throws IOException {
        while (true) {
            CompletableFuture<V> mine = new CompletableFuture<>();
            CompletableFuture<V> other = flights.putIfAbsent(key, mine);
            if (other == null) {
                return lead(key, mine, work);
            }
            try {
                return other.get();
            } catch (ExecutionException e) {
                Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
                if (!isInterrupt(cause)) {
                    throw new IOException(cause.getMessage(), cause);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for " + key);
            }
        }
    }

    /** Always off the table before it ends: who has seen its failure starts anew. */
    private V lead(K key, CompletableFuture<V> mine, Work<V> work) throws IOException {
        try {
            V result = work.run();
            flights.remove(key, mine);
            mine.complete(result);
            return result;
        } catch (IOException | RuntimeException | Error e) {
            flights.remove(key, mine);
            mine.completeExceptionally(e);
            throw e;
        }
    }

    /** Not its subclasses: a time-out is a failure like any other. */
    private static boolean isInterrupt(Throwable cause) {
        return cause.getClass() == InterruptedIOException.class;
    }
}
