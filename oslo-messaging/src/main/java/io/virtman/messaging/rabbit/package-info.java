/** The transport over RabbitMQ; the only package that knows AMQP. */
@NullMarked
package io.virtman.messaging.rabbit;

import org.jspecify.annotations.NullMarked;
