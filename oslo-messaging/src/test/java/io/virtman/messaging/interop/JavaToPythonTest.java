package io.virtman.messaging.interop;

/** Our client with Python's servers. */
final class JavaToPythonTest extends RpcContract {
    private final PythonSide python = new PythonSide();
    private final JavaSide java = new JavaSide();

    @Override
    Side callers() {
        return java;
    }

    @Override
    Side servers() {
        return python;
    }
}
