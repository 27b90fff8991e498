package io.virtman.remote;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the server's answers so far mean for the next request. Guarded by its owner's lock. */
final class ServerState {
    private final FetchLimits limits;
    private @Nullable Map<String, String> headers;
    private @Nullable String waiting;
    private @Nullable String failure;
    private String trouble = "";
    private boolean wholeOnly;
    private int failures; // in a row
    private long notBefore = System.nanoTime();

    /**
     * @param headers null while they are not known
     */
    ServerState(FetchLimits limits, @Nullable Map<String, String> headers) {
        this.limits = limits;
        this.headers = headers == null ? null : Map.copyOf(headers);
        this.waiting = headers == null ? "its headers are not known since a restart" : null;
    }

    void renew(Map<String, String> renewed) {
        headers = Map.copyOf(renewed);
        waiting = null;
        notBefore = System.nanoTime();
    }

    /** Why there is no credential; null when there is one. */
    @Nullable String waiting() {
        return waiting;
    }

    /** Why the file will never be whole; null when it may be. */
    @Nullable String failure() {
        return failure;
    }

    /** Why it gives nothing now, for people. */
    String reason() {
        return waiting != null ? waiting : trouble;
    }

    /** Whether it gives whole files only. */
    boolean wholeOnly() {
        return wholeOnly;
    }

    /** What to ask with; null when it must not be asked now. */
    @Nullable Map<String, String> ask(long now) {
        return waiting == null && now - notBefore >= 0 ? headers : null;
    }

    /** Nanoseconds until it may be asked; as long as one likes when it waits for headers. */
    long pause(long now) {
        return waiting != null ? Long.MAX_VALUE : notBefore - now;
    }

    void succeeded() {
        failures = 0;
    }

    /** Takes note of a failure of a request with those headers. */
    void failed(IOException e, Map<String, String> used) {
        String reason = e.getMessage() == null ? e.toString() : e.getMessage();
        long now = System.nanoTime();
        if (e instanceof Refusal refusal) {
            switch (refusal.kind()) {
                case LOST -> failure = failure == null ? reason : failure;
                case NO_RANGES -> wholeOnly = true;
                case CREDENTIAL -> {
                    if (used.equals(headers) && waiting == null) {
                        waiting = reason;
                    }
                }
            }
        } else if (now - notBefore >= 0) { // several at once count as one
            trouble = reason;
            failures++;
            if (failures >= limits.attempts()) {
                failure = "given up after " + failures + " failures in a row: " + reason;
            }
            long pause = limits.firstRetry().toNanos() << Math.min(failures - 1, 16);
            notBefore = now + Math.min(pause, limits.longestRetry().toNanos());
        }
    }
}
