package io.virtman.messaging.interop;

import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The reference; takes long and tests nothing of ours, so that it runs only when asked for. */
@EnabledIfSystemProperty(named = "virtman.interop.reference", matches = "true")
final class PythonToPythonTroubleTest extends TroubleContract {
    private final PythonSide python = new PythonSide();

    @Override
    Side callers() {
        return python;
    }

    @Override
    Side servers() {
        return python;
    }
}
