/** Notifications: notifier and listener. */
@NullMarked
package io.virtman.messaging.notify;

import org.jspecify.annotations.NullMarked;
