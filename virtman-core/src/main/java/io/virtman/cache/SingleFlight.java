package io.virtman.cache;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One execution per key at a time: who comes while it runs gets its result. A failure reaches all
 * who wait and is then forgotten. No lock is held while it runs. Safe for many threads.
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

    V run(K key, Work<V> work) throws IOException {
        CompletableFuture<V> mine = new CompletableFuture<>();
        CompletableFuture<V> other = flights.putIfAbsent(key, mine);
        if (other != null) {
            return await(other);
        }
        try {
            V result = work.run();
            mine.complete(result);
            return result;
        } catch (IOException | RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            flights.remove(key, mine);
        }
    }

    private static <V> V await(CompletableFuture<V> flight) throws IOException {
        try {
            return flight.join();
        } catch (CompletionException e) {
            throw new IOException(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage(),
                    e.getCause());
        }
    }
}
