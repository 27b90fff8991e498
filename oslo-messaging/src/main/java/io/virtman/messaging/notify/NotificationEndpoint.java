package io.virtman.messaging.notify;

import io.virtman.messaging.wire.NotificationMessage;

/** Takes notifications of one or more priorities. */
@FunctionalInterface
public interface NotificationEndpoint {
    /**
     * Handles one notification, on a virtual thread that may block; called by as many threads at
     * the same time as the listener's concurrency. The broker keeps the message until this returns,
     * so that a crash means that it comes again: be ready for repeats.
     *
     * @throws Exception counted, logged, and taken as {@link NotificationResult#REQUEUE}, as {@code
     *     _exec_callback} of {@code oslo_messaging/notify/dispatcher.py} does; errors likewise
     */
    NotificationResult handle(NotificationMessage notification) throws Exception;
}
