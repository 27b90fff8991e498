/** Configuration as oslo.config has it: INI files, transport URLs, RabbitMQ options. */
@NullMarked
package io.virtman.messaging.config;

import org.jspecify.annotations.NullMarked;
