package io.virtman.messaging.rpc;

import io.virtman.messaging.transport.Delivery;

/**
 * The duty to settle a request, once. While the request is in progress the broker may deliver it
 * again: because the connection was lost, or because its sender sent it twice. The newest delivery
 * is the one that the broker surely waits for, so it takes over and the older one is acknowledged
 * at once: that does nothing if its connection was lost, and if not, the newer one still stands for
 * the request. Any thread.
 */
final class Duty {
    private Delivery newest;
    private boolean settled;

    Duty(Delivery delivery) {
        newest = delivery;
    }

    synchronized void takeOver(Delivery copy) {
        if (settled) {
            copy.acknowledge();
        } else {
            Delivery older = newest;
            newest = copy;
            older.acknowledge();
        }
    }

    /**
     * Acknowledges a request that is carried out afterwards.
     *
     * @return false when it must not be carried out: it came by a connection that was lost, and the
     *     broker delivers it again, maybe to another server. The duty then goes on.
     */
    synchronized boolean acknowledgeFirst() {
        if (!settled) {
            settled = newest.acknowledge();
        }
        return settled;
    }

    synchronized void acknowledge() {
        if (!settled) {
            settled = true;
            newest.acknowledge();
        }
    }

    synchronized void reject(boolean requeue) {
        if (!settled) {
            settled = true;
            newest.reject(requeue);
        }
    }

    synchronized boolean isSettled() {
        return settled;
    }
}
