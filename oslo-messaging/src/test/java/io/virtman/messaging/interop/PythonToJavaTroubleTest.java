package io.virtman.messaging.interop;

/** Python's clients with our server. */
final class PythonToJavaTroubleTest extends TroubleContract {
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
