package io.virtman.messaging.rabbit;

import com.rabbitmq.client.AMQP;
import io.virtman.messaging.transport.Message;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The AMQP properties of a message, as kombu makes them ({@code kombu/messaging.py}, {@code
 * Producer.publish}): delivery mode 2, priority 0, the expiration in milliseconds as text, and a
 * header {@code compression} or none. Pure.
 */
final class AmqpProperties {
    private static final int PERSISTENT = 2;
    private static final int LONGEST_NUMBER = 18;

    private AmqpProperties() {}

    static AMQP.BasicProperties of(Message message) {
        Map<String, Object> headers =
                message.compression() == null
                        ? Map.of()
                        : Map.of("compression", message.compression());
        Duration expiration = message.expiration();
        return new AMQP.BasicProperties.Builder()
                .contentType(message.contentType())
                .contentEncoding(message.contentEncoding())
                .headers(headers)
                .deliveryMode(PERSISTENT)
                .priority(0)
                .expiration(expiration == null ? null : Long.toString(expiration.toMillis()))
                .build();
    }

    static Message message(AMQP.BasicProperties properties, byte[] body) {
        return new Message(
                body,
                properties.getContentType(),
                properties.getContentEncoding(),
                compression(properties),
                expiration(properties.getExpiration()));
    }

    private static @Nullable String compression(AMQP.BasicProperties properties) {
        Map<String, Object> headers = properties.getHeaders();
        Object value = headers == null ? null : headers.get("compression");
        return value == null ? null : value.toString();
    }

    /** Only informs: RabbitMQ has refused what is no number when it was published. */
    private static @Nullable Duration expiration(@Nullable String text) {
        return text == null
                        || text.isEmpty()
                        || text.length() > LONGEST_NUMBER
                        || !text.chars().allMatch(digit -> digit >= '0' && digit <= '9')
                ? null
                : Duration.ofMillis(Long.parseLong(text));
    }
}
