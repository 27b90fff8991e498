package io.virtman.app;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;

/** One line per message on standard error; libraries only speak up when something is wrong. */
final class Logging {
    private static final String CONFIGURATION =
            """
            handlers = java.util.logging.ConsoleHandler
            .level = WARNING
            io.virtman.level = INFO
            # Jersey warns of each resource given as an instance that it is no provider
            org.glassfish.jersey.internal.inject.Providers.level = SEVERE
            java.util.logging.ConsoleHandler.level = ALL
            java.util.logging.ConsoleHandler.formatter = java.util.logging.SimpleFormatter
            java.util.logging.SimpleFormatter.format = %1$tFT%1$tT.%1$tL %4$s %3$s: %5$s%6$s%n
            """;

    private Logging() {}

    /** Takes effect unless the JVM was given a configuration of the operator's. */
    static void configure() {
        if (System.getProperty("java.util.logging.config.file") == null) {
            try {
                LogManager.getLogManager()
                        .readConfiguration(
                                new ByteArrayInputStream(
                                        CONFIGURATION.getBytes(StandardCharsets.UTF_8)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
