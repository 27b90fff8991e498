package io.virtman.messaging.rpc;

import io.virtman.messaging.wire.RpcRequest;

/** Where a program writes requests down before the broker may forget them. Any thread. */
@FunctionalInterface
public interface RequestJournal {
    /**
     * Writes it down; once this returns, the program must be able to do the work even after a
     * crash.
     *
     * @throws Exception when it could not; the broker then delivers the request again
     */
    void write(RpcRequest request) throws Exception;
}
