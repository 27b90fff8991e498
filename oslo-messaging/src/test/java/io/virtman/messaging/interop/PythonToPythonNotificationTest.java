package io.virtman.messaging.interop;

import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The reference; tests nothing of ours, so that it runs only when asked for. */
@EnabledIfSystemProperty(named = "virtman.interop.reference", matches = "true")
final class PythonToPythonNotificationTest extends NotificationContract {
    private final PythonSide python = new PythonSide();

    @Override
    Side notifiers() {
        return python;
    }

    @Override
    Side listeners() {
        return python;
    }
}
