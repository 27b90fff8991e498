package io.virtman.messaging.rpc;

/** When the broker may forget a request. */
public sealed interface Acknowledgement {
    /**
     * Before the method runs: a crash loses the request, and it is never done twice. What Python
     * does ({@code RpcAMQPListener} in {@code oslo_messaging/_drivers/amqpdriver.py}).
     */
    record OnReceipt() implements Acknowledgement {}

    /**
     * When the journal has it, before the method runs. While the journal fails, the request goes
     * back to the broker: a call three times, then its caller gets the failure; a cast for an hour
     * ({@link RpcServerBuilder#journalRetry}). A request may be journalled twice, when the
     * connection is lost between journal and acknowledgement.
     */
    record AfterJournal(RequestJournal journal) implements Acknowledgement {}

    /**
     * When the method has returned or failed: after a crash it is done again, maybe by another
     * server. The method must cope with work half or fully done before.
     */
    record AfterCompletion() implements Acknowledgement {}

    /** At most once. */
    static Acknowledgement onReceipt() {
        return new OnReceipt();
    }

    /** At most once by the broker; the journal takes over. */
    static Acknowledgement afterJournal(RequestJournal journal) {
        return new AfterJournal(journal);
    }

    /** At least once. */
    static Acknowledgement afterCompletion() {
        return new AfterCompletion();
    }
}
