package io.virtman.messaging.rpc;

import io.virtman.messaging.delivery.RateLimitedLog;
import io.virtman.messaging.wire.MessageCodec;

/** What the parts of one server share. */
record ServerParts(
        ServerOptions options,
        MessageCodec codec,
        Timers timers,
        ServerCounters counters,
        RateLimitedLog log,
        DuplicateFilter duplicates,
        JournalRetries journalRetries,
        ReplySender replies) {}
