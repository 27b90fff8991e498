package io.virtman.messaging.interop;

/** Python's notifiers with our listener. */
final class PythonToJavaNotificationTest extends NotificationContract {
    private final PythonSide python = new PythonSide();
    private final JavaSide java = new JavaSide();

    @Override
    Side notifiers() {
        return python;
    }

    @Override
    Side listeners() {
        return java;
    }
}
