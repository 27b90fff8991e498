package io.virtman.messaging.interop;

/** Our notifier with Python's listeners. */
final class JavaToPythonNotificationTest extends NotificationContract {
    private final PythonSide python = new PythonSide();
    private final JavaSide java = new JavaSide();

    @Override
    Side notifiers() {
        return java;
    }

    @Override
    Side listeners() {
        return python;
    }
}
