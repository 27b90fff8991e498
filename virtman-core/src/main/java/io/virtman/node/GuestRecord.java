package io.virtman.node;

import org.jspecify.annotations.Nullable;

/**
 * What the node remembers of a guest it started.
 *
 * @param vm name
 * @param request how it was started
 * @param startedMillis when, since the epoch
 * @param bootMillis until its marker; null while none was seen
 * @param markerLine the line with the marker
 */
record GuestRecord(
        String vm,
        GuestRequest request,
        long startedMillis,
        @Nullable Long bootMillis,
        @Nullable String markerLine) {
    GuestRecord booted(long millis, String line) {
        return new GuestRecord(vm, request, startedMillis, millis, line);
    }
}
