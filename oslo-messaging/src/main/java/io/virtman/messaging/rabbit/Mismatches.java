package io.virtman.messaging.rabbit;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says once, in one line, that an exchange or a queue exists with other flags than we would declare
 * it with, and which option to change. It is then used as it is, as oslo.messaging 14.1 and later
 * does when the flag is {@code durable}. Any thread.
 */
final class Mismatches {
    private static final System.Logger LOG = System.getLogger(Mismatches.class.getName());
    private static final int REMEMBERED = 1000;

    /** {@code rabbit_misc:assert_field_equivalence}. */
    private static final Pattern TEXT =
            Pattern.compile(
                    "PRECONDITION_FAILED - inequivalent arg '(?<argument>[^']*)' for (?<entity>.*)"
                            + " in vhost '[^']*': received (?<ours>.*) but current is (?<theirs>.*)");

    private static final Map<String, String> OPTIONS =
            Map.of(
                    "durable",
                    "amqp_durable_queues or rabbit_quorum_queue",
                    "auto_delete",
                    "amqp_auto_delete",
                    "x-queue-type",
                    "rabbit_quorum_queue (for reply and fanout queues:"
                            + " rabbit_transient_quorum_queue)",
                    "x-expires",
                    "rabbit_transient_queues_ttl",
                    "x-delivery-limit",
                    "rabbit_quorum_delivery_limit",
                    "x-max-in-memory-length",
                    "rabbit_quorum_max_memory_length",
                    "x-max-in-memory-bytes",
                    "rabbit_quorum_max_memory_bytes",
                    "x-ha-policy",
                    "rabbit_ha_queues");

    private final Counters counters;
    private final Set<String> said = ConcurrentHashMap.newKeySet();

    Mismatches(Counters counters) {
        this.counters = counters;
    }

    /**
     * Reports what the broker said.
     *
     * @param name of what was declared
     */
    void report(String name, String text) {
        String line = explain(name, text);
        if (said.size() < REMEMBERED && said.add(line)) {
            counters.mismatches.increment();
            LOG.log(System.Logger.Level.WARNING, line);
        }
    }

    /** The line for what the broker said. */
    static String explain(String name, String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return name + " exists and differs, it is used as it is: " + text;
        }
        String argument = matcher.group("argument");
        return ("%s exists with %s = %s where we declare %s; it is used as it is. Let all programs agree:"
                        + " [oslo_messaging_rabbit] %s, then delete it once")
                .formatted(
                        matcher.group("entity"),
                        argument,
                        matcher.group("theirs"),
                        matcher.group("ours"),
                        OPTIONS.getOrDefault(argument, "(no option sets that)"));
    }
}
