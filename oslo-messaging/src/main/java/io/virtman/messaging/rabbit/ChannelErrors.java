package io.virtman.messaging.rabbit;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When the broker closes the channel it does not say which message was the reason. This tells for
 * which of the unconfirmed it is no use to be published again.
 */
sealed interface ChannelErrors {
    /** {@code rabbit_access_control}: access to exchange 'x' in vhost 'y' refused for user 'z'. */
    Pattern EXCHANGE = Pattern.compile("exchange '(?<name>[^']*)'");

    /**
     * {@code rabbit_misc:check_msg_size}: message size 17 is larger than configured max size 16.
     */
    Pattern SIZE = Pattern.compile("message size (?<size>\\d{1,9}) is larger");

    /** How often a message may be among those on a channel that was closed. */
    int BUDGET = 5;

    boolean fails(Pending pending);

    /** The exchange was deleted: it is declared again. */
    record Gone() implements ChannelErrors {
        @Override
        public boolean fails(Pending pending) {
            return false;
        }
    }

    /** All to that exchange, which the user may not write to. */
    record Exchange(String name) implements ChannelErrors {
        @Override
        public boolean fails(Pending pending) {
            return pending.route.exchange().name().equals(name);
        }
    }

    /** All of that length. */
    record Length(int bytes) implements ChannelErrors {
        @Override
        public boolean fails(Pending pending) {
            return pending.body.length == bytes;
        }
    }

    /** Those that have been there too often. */
    record Unknown() implements ChannelErrors {
        @Override
        public boolean fails(Pending pending) {
            return pending.attempts > 0 && ++pending.channelErrors >= BUDGET;
        }
    }

    static ChannelErrors of(BrokerErrors.ChannelError error) {
        if (error.code() == BrokerErrors.NOT_FOUND) {
            return new Gone();
        }
        Matcher exchange = EXCHANGE.matcher(error.text());
        if (error.code() == BrokerErrors.ACCESS_REFUSED && exchange.find()) {
            // that is what RabbitMQ calls the one without a name
            String name = exchange.group("name");
            return new Exchange(name.equals("amq.default") ? "" : name);
        }
        Matcher size = SIZE.matcher(error.text());
        if (error.code() == BrokerErrors.PRECONDITION_FAILED && size.find()) {
            return new Length(Integer.parseInt(size.group("size")));
        }
        return new Unknown();
    }
}
