package io.virtman.messaging.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.messaging.wire.RpcRequest;
import org.jspecify.annotations.Nullable;

/** Does what is asked for. Runs on a thread of the server's; several at a time. */
@FunctionalInterface
public interface RpcMethod {
    /**
     * Does the work.
     *
     * @param request arguments and context; may hold secrets
     * @return what the caller gets; null is JSON's null, as for a Python method without return
     * @throws RpcFault to give the caller an exception of OpenStack's
     * @throws Exception anything else reaches the caller by its Java name and is logged
     * @throws InterruptedException when the server is closed and the time to finish is over
     */
    @Nullable JsonNode handle(RpcRequest request) throws Exception;
}
