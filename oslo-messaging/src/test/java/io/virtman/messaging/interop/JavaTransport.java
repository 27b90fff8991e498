package io.virtman.messaging.interop;

import io.virtman.messaging.config.MessagingOptions;
import io.virtman.messaging.config.OsloConfiguration;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.RabbitOptionsReader;
import io.virtman.messaging.rabbit.RabbitSettings;
import io.virtman.messaging.rabbit.RabbitTransport;
import io.virtman.messaging.wire.Compression;
import io.virtman.messaging.wire.MessageCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A transport of ours as a configuration file has it, and what goes with it. */
record JavaTransport(
        RabbitTransport transport,
        MessageCodec codec,
        MessagingOptions options,
        RabbitOptions rabbit)
        implements AutoCloseable {
    private static final int MAXIMUM_BYTES = 16 << 20;

    static JavaTransport open(Path file) {
        OsloConfiguration configuration = OsloConfiguration.parse(file.toString(), text(file));
        MessagingOptions options = MessagingOptions.of(configuration, "openstack");
        RabbitOptions rabbit = RabbitOptionsReader.read(configuration, options.url());
        String compression = rabbit.compression();
        return new JavaTransport(
                RabbitTransport.open(options.url(), rabbit, RabbitSettings.of("interop")),
                new MessageCodec(
                        MAXIMUM_BYTES, compression == null ? null : Compression.named(compression)),
                options,
                rabbit);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String exchange() {
        return options.controlExchange();
    }

    @Override
    public void close() {
        transport.close();
    }
}
