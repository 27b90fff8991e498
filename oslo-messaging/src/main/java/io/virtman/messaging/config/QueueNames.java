package io.virtman.messaging.config;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Makes the last part of the names of queues that belong to one process. Any thread. */
public final class QueueNames {
    private final String prefix;
    private final AtomicLong last = new AtomicLong();

    private QueueNames(String prefix) {
        this.prefix = prefix;
    }

    /** 32 hexadecimal digits, fresh each time, as {@code impl_rabbit.py} does by default. */
    public static QueueNames random() {
        return new QueueNames("");
    }

    /**
     * {@code host:process:1} and so on, as {@code use_queue_manager} of oslo.messaging 14.7 and
     * later does: the names are the same after a restart, so the queues are not left behind. Two
     * processes at a time must not have the same names.
     */
    public static QueueNames numbered(String host, String process) {
        return new QueueNames(host + ":" + process + ":");
    }

    /** The next one, e.g. to follow {@code reply_} or {@code compute_fanout_}. */
    public String next() {
        return prefix.isEmpty()
                ? UUID.randomUUID().toString().replace("-", "")
                : prefix + last.incrementAndGet();
    }
}
