package io.virtman.messaging.config;

import java.time.Duration;

/**
 * The options of {@code [DEFAULT]} that say where RPC goes; {@code oslo_messaging/transport.py} and
 * {@code rpc/client.py}.
 *
 * @param url {@code transport_url}; {@code rabbit://} when there is none
 * @param controlExchange {@code control_exchange}; nova overrides the default in its code: pass
 *     {@code nova} for it
 * @param responseTimeout {@code rpc_response_timeout}
 */
public record MessagingOptions(TransportUrl url, String controlExchange, Duration responseTimeout) {
    /**
     * Reads them.
     *
     * @param defaultExchange when none is configured: {@code openstack} is the library's own
     */
    public static MessagingOptions of(OsloConfiguration configuration, String defaultExchange) {
        OptionSection section = configuration.section("DEFAULT");
        return new MessagingOptions(
                TransportUrl.parse(section.text("transport_url").orElse("rabbit://")),
                section.text("control_exchange").orElse(defaultExchange),
                Duration.ofSeconds(
                        section.integer("rpc_response_timeout", 60, 1, Integer.MAX_VALUE)));
    }
}
