package io.virtman.messaging.interop;

import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The reference: what the contract says is true of oslo.messaging 14.0.3 itself. Tests nothing of
 * ours, so that it runs only when asked for.
 *
 * <p>Facts of it that surprised:
 *
 * <ul>
 *   <li>An RPC client asks its configuration for {@code oslo_messaging_metrics}, which the library
 *       registers in the global {@code cfg.CONF} only ({@code _metrics/client.py}).
 *   <li>A result that is not JSON is never answered: the server logs that it cannot send the reply,
 *       and the caller times out ({@code rpc/server.py}, {@code _process_incoming}).
 *   <li>The context that an endpoint sees has {@code client_timeout} besides what was sent ({@code
 *       _drivers/amqp.py}, {@code unpack_context}).
 *   <li>An exception whose class cannot be made from its args arrives as {@code RemoteError}, even
 *       from an allowed module ({@code _drivers/common.py}).
 * </ul>
 */
@EnabledIfSystemProperty(named = "virtman.interop.reference", matches = "true")
final class PythonToPythonTest extends RpcContract {
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
