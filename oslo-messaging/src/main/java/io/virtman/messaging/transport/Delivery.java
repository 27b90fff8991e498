package io.virtman.messaging.transport;

/**
 * A message that was received and that the broker keeps until it is settled, once, by {@link
 * #acknowledge} or {@link #reject}. Settling a second time does nothing, nor does settling after
 * the connection it came by was lost: the broker then delivers the message again. Any thread.
 */
public interface Delivery {
    Message message();

    /** Where it came from: one of the sources that were subscribed to. */
    Address source();

    /** Whether the broker may have delivered this message before. */
    boolean redelivered();

    /**
     * Tells the broker to forget the message.
     *
     * @return false when that was not possible, because the connection it came by was lost or it
     *     was settled before: the broker may deliver it again, to anyone. True is no proof that the
     *     broker has heard it.
     */
    boolean acknowledge();

    /**
     * Gives the message back.
     *
     * @param requeue whether it is to be delivered again; false drops it
     */
    void reject(boolean requeue);
}
