package io.virtman.messaging.interop;

/** Python's clients with our server. */
final class PythonToJavaTest extends RpcContract {
    private final PythonSide python = new PythonSide();
    private final JavaSide java = new JavaSide();

    @Override
    Side callers() {
        return python;
    }

    @Override
    Side servers() {
        return java;
    }
}
