package io.virtman.messaging.rabbit;

import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.net.Socket;

/** A connection that was made, and its socket. Any thread. */
final class Link {
    private static final int POLITE_MILLIS = 2000;

    private final Connection connection;
    private final Socket socket;
    private final String host;

    Link(Connection connection, Socket socket, String host) {
        this.connection = connection;
        this.socket = socket;
        this.host = host;
    }

    Connection connection() {
        return connection;
    }

    /** To name it in logs. */
    String host() {
        return host;
    }

    boolean open() {
        return connection.isOpen();
    }

    /** Says good-bye, as long as that takes not too long. May block if nothing can be written. */
    void close() {
        connection.abort(POLITE_MILLIS);
    }

    /** Ends it at once: whoever is stuck reading or writing gets an exception. Never blocks. */
    void cut() {
        try {
            socket.close();
        } catch (IOException e) {
            // it is what was wanted
            System.getLogger(Link.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing the socket to " + host, e);
        }
    }
}
