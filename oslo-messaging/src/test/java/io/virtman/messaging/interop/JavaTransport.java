package io.virtman.messaging.interop;

import io.virtman.messaging.config.QueueOptions;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.rabbit.RabbitSettings;
import io.virtman.messaging.rabbit.RabbitTransport;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.wire.Compression;
import io.virtman.messaging.wire.MessageCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A transport of ours as a configuration file has it. */
record JavaTransport(Transport transport, MessageCodec codec, String exchange)
        implements AutoCloseable {
    static JavaTransport open(Path configuration) {
        Map<String, String> m = new HashMap<>();
        try {
            for (String line : Files.readAllLines(configuration)) {
                String[] parts = line.split(" = ", 2);
                if (parts.length == 2) {
                    m.put(parts[0], parts[1]);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        RabbitOptions options =
                RabbitOptions.DEFAULTS.withQueues(
                        QueueOptions.DEFAULTS
                                .withDurable(m.containsKey("amqp_durable_queues"))
                                .withAutoDelete(m.containsKey("amqp_auto_delete"))
                                .withQuorum(m.containsKey("rabbit_quorum_queue"), false));
        String c = m.get("kombu_compression");
        return new JavaTransport(
                RabbitTransport.open(
                        TransportUrl.parse(m.getOrDefault("transport_url", "")),
                        options,
                        RabbitSettings.of("interop")),
                new MessageCodec(16 << 20, c == null ? null : Compression.named(c)),
                m.getOrDefault("control_exchange", ""));
    }

    @Override
    public void close() {
        transport.close();
    }
}
