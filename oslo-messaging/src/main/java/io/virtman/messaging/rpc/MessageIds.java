package io.virtman.messaging.rpc;

import java.util.UUID;

/** Ids as {@code uuid.uuid4().hex} of Python makes them: 32 hexadecimal digits. */
final class MessageIds {
    private MessageIds() {}

    static String fresh() {
        return UUID.randomUUID().toString().replace("-", "");
    }
}
