/** Messages as bytes: requests, replies, failures, notifications, contexts. Pure, no I/O. */
@NullMarked
package io.virtman.messaging.wire;

import org.jspecify.annotations.NullMarked;
