/** Tests with Debian's python3-oslo.messaging on a real RabbitMQ, in both directions. */
@NullMarked
package io.virtman.messaging.interop;

import org.jspecify.annotations.NullMarked;
