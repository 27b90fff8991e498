package io.virtman.messaging.interop;

import io.virtman.testkit.RabbitBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files as oslo.config reads them; both sides of a test read the same one. */
final class Configuration {
    /** Prefix of an option that names the control exchange instead of {@code interop}. */
    static final String EXCHANGE = "control_exchange = ";

    private Configuration() {}

    /**
     * Writes a file for this broker, with short pauses before another attempt to connect.
     *
     * @param options lines of the section {@code [oslo_messaging_rabbit]}, or the exchange
     */
    static Path write(RabbitBroker broker, String... options) {
        List<String> lines =
                new ArrayList<>(
                        List.of(
                                "[DEFAULT]",
                                "transport_url = " + broker.uri(),
                                "rpc_response_timeout = 20",
                                EXCHANGE + "interop",
                                "[oslo_messaging_rabbit]",
                                "rabbit_retry_interval = 1",
                                "rabbit_retry_backoff = 0",
                                "rabbit_interval_max = 1",
                                "kombu_reconnect_delay = 0.1",
                                "kombu_missing_consumer_retry_timeout = 20"));
        for (String option : options) {
            if (option.startsWith(EXCHANGE)) {
                lines.set(lines.indexOf(EXCHANGE + "interop"), option);
            } else {
                lines.add(option);
            }
        }
        try {
            Path file = Files.createTempFile("messaging", ".conf");
            file.toFile().deleteOnExit();
            return Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
