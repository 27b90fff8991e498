/** What RPC and notifications need of a message broker: addresses, delivery, publishing. */
@NullMarked
package io.virtman.messaging.transport;

import org.jspecify.annotations.NullMarked;
