package io.virtman.remote;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the server's answers so far mean for the next request. Guarded by its owner's lock. */
final class ServerState {
    private final FetchLimits limits;
    private @Nullable Map<String, String> headers;
    private @Nullable String credential; // why there is none
    private @Nullable String failure;
    private @Nullable String trouble; // since the last success
    private boolean wholeOnly;
    private int failures; // in a row
    private int useless; // answers of no use in a row
    private long notBefore = System.nanoTime();

    /**
     * @param headers null while they are not known
     */
    ServerState(FetchLimits limits, @Nullable Map<String, String> headers) {
        this.limits = limits;
        this.headers = headers == null ? null : Map.copyOf(headers);
        this.credential = headers == null ? "its headers are not known since a restart" : null;
    }

    void renew(Map<String, String> renewed) {
        headers = Map.copyOf(renewed);
        credential = null;
        notBefore = System.nanoTime();
    }

    /** Why it waits, for a credential or for the server to be back; null when it does not. */
    @Nullable String waiting() {
        return credential != null ? credential : trouble;
    }

    /** Why the file will never be whole; null when it may be. */
    @Nullable String failure() {
        return failure;
    }

    /** Why it gives nothing now, for people. */
    String reason() {
        String reason = waiting();
        return reason == null ? "it is slow" : reason;
    }

    /** Whether it gives whole files only. */
    boolean wholeOnly() {
        return wholeOnly;
    }

    /** What to ask with; null when it must not be asked now. */
    @Nullable Map<String, String> ask(long now) {
        return credential == null && now - notBefore >= 0 ? headers : null;
    }

    /** Nanoseconds until it may be asked; as long as one likes when it waits for headers. */
    long pause(long now) {
        return credential != null ? Long.MAX_VALUE : notBefore - now;
    }

    void succeeded() {
        failures = 0;
        useless = 0;
        trouble = null;
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
                    if (used.equals(headers) && credential == null) {
                        credential = reason;
                    }
                }
                case USELESS -> {
                    if (postponed(now, reason) && ++useless >= limits.attempts()) {
                        failure = "given up after " + useless + " useless answers: " + reason;
                    }
                }
            }
        } else if (postponed(now, reason)) {
            useless = 0; // an outage, however long, says nothing about the file
        }
    }

    /** Puts the next request off; false when another failure has just done so. */
    private boolean postponed(long now, String reason) {
        boolean first = now - notBefore >= 0; // several at once count as one
        if (first) {
            trouble = reason;
            failures++;
            long pause = limits.firstRetry().toNanos() << Math.min(failures - 1, 16);
            notBefore = now + Math.min(pause, limits.longestRetry().toNanos());
        }
        return first;
    }
}
