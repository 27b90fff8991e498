package io.virtman.volt;

/**
 * Sends a changed parent list to the member it concerns. Best effort: the next heartbeat's answer
 * repeats what was lost.
 */
@FunctionalInterface
public interface ParentListPush {
    /**
     * Sends one list.
     *
     * @throws RuntimeException when it was not delivered
     */
    void push(NodeAddress to, ParentList list);
}
