package io.virtman.messaging.notify;

/**
 * What an endpoint has to say about a notification. Source: {@code NotificationResult} in {@code
 * oslo_messaging/notify/dispatcher.py}.
 */
public enum NotificationResult {
    /** Done with: the broker may forget it. */
    HANDLED,
    /** Not now: the broker is to deliver it again, as often as the listener allows. */
    REQUEUE
}
