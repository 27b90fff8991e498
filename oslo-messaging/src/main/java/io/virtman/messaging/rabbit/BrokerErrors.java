package io.virtman.messaging.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.MalformedFrameException;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ProtocolVersionMismatchException;
import com.rabbitmq.client.ShutdownSignalException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What exceptions of the AMQP client mean. */
final class BrokerErrors {
    /** AMQP 0-9-1 section 1.3: reply codes. */
    static final int ACCESS_REFUSED = 403;

    static final int NOT_FOUND = 404;
    static final int PRECONDITION_FAILED = 406;

    private static final int LONGEST = 300;

    private BrokerErrors() {}

    /** Why the broker closed a channel. */
    record ChannelError(int code, String text) {}

    /** What the broker said when it closed the channel; null when something else happened. */
    static @Nullable ChannelError channelError(Throwable thrown) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (cause instanceof ShutdownSignalException signal
                    && signal.getReason() instanceof AMQP.Channel.Close close
                    && !signal.isInitiatedByApplication()) {
                return new ChannelError(close.getReplyCode(), clean(close.getReplyText()));
            }
            cause = cause.getCause();
        }
        return null;
    }

    /** Whether the client has closed the connection because of the length of a message. */
    static boolean oversized(ShutdownSignalException signal) {
        Throwable cause = signal.getCause();
        return cause instanceof IllegalStateException
                && String.valueOf(cause.getMessage()).startsWith("Message body is too large");
    }

    /** One line for logs and exceptions, without secrets. */
    static String describe(Throwable thrown) {
        Throwable cause = thrown;
        String tls = "";
        for (int depth = 0; depth < 10; depth++) {
            if (cause instanceof SSLException) {
                tls = "TLS: ";
            }
            if (cause instanceof PossibleAuthenticationFailureException
                    || cause instanceof AuthenticationFailureException) {
                return "the login is refused; check user and password of transport_url";
            }
            String said = cause instanceof ShutdownSignalException signal ? said(signal) : null;
            if (said != null) {
                return said;
            }
            if (cause.getCause() == null) {
                break;
            }
            cause = cause.getCause();
        }
        return switch (cause) {
            case TimeoutException _ -> "no answer in time";
            case UnknownHostException _ -> "the name of the host is not known";
            case MalformedFrameException _ -> "what answers does not speak AMQP";
            case ProtocolVersionMismatchException _ -> "what answers speaks another AMQP";
            case java.io.EOFException _ -> "the connection was closed";
            default ->
                    cause.getMessage() == null
                            ? cause.getClass().getSimpleName()
                            : tls + clean(cause.getMessage());
        };
    }

    private static @Nullable String said(ShutdownSignalException signal) {
        return switch (signal.getReason()) {
            case AMQP.Connection.Close close -> clean(close.getReplyText());
            case AMQP.Channel.Close close -> clean(close.getReplyText());
            case null, default -> null;
        };
    }

    /** Texts of the broker hold names that others chose. */
    static String clean(@Nullable String text) {
        String printable = String.valueOf(text).replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= LONGEST ? printable : printable.substring(0, LONGEST) + "...";
    }
}
