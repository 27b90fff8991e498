package io.virtman.messaging.interop;

/** The reference. */
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
