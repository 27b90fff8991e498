package io.virtman.messaging.rabbit;

/**
 * What a supervised connection is doing.
 *
 * <pre>
 *  Idle --first use--> Connecting --logged in--> Connected --alarm--> Blocked
 *                       ^  |                      |    ^---alarm over---'  |
 *                       |  failed                 lost                    lost
 *                       |  v                      v                        |
 *                       Waiting &lt;-----------------+------------------------'
 *  any --close--> Closed
 * </pre>
 */
sealed interface ConnectionState {
    /** For the text of time-outs: why nothing happens. */
    String describe();

    /** Not used yet. */
    record Idle() implements ConnectionState {
        @Override
        public String describe() {
            return "not connected yet";
        }
    }

    /** Tries a host. The failure is that of the attempt before, or empty. */
    record Connecting(String host, String failure) implements ConnectionState {
        @Override
        public String describe() {
            return "connecting to " + host + (failure.isEmpty() ? "" : "; before: " + failure);
        }
    }

    /** Logged in. */
    record Connected(String host) implements ConnectionState {
        @Override
        public String describe() {
            return "connected to " + host;
        }
    }

    /** Logged in, but the broker is short of memory or disk and takes no messages. */
    record Blocked(String host, String reason) implements ConnectionState {
        @Override
        public String describe() {
            return host + " has blocked publishing: " + reason;
        }
    }

    /** Pauses before the next attempt. */
    record Waiting(String failure) implements ConnectionState {
        @Override
        public String describe() {
            return failure;
        }
    }

    /** For ever. */
    record Closed() implements ConnectionState {
        @Override
        public String describe() {
            return "closed";
        }
    }
}
