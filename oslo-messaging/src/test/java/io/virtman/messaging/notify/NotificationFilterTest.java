package io.virtman.messaging.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.virtman.messaging.wire.NotificationMessage;
import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.api.Test;

/** The rules of {@code oslo_messaging/notify/filter.py}. */
class NotificationFilterTest {
    private static final NotificationMessage MESSAGE =
            message(
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("state", "active")
                            .put("size", 1)
                            .putNull("nothing"));

    private static NotificationMessage message(JsonNode payload) {
        return Notifications.of("INFO", "id", payload);
    }

    private static NotificationFilter.Builder filter() {
        return NotificationFilter.builder();
    }

    @Test
    void everythingMatchesTheEmptyFilter() {
        assertThat(NotificationFilter.ALL.matches(MESSAGE)).isTrue();
        assertThat(NotificationFilter.ALL.matches(message(Notifications.number(1)))).isTrue();
    }

    @Test
    void expressionsMatchAtTheBeginningAsInPython() {
        assertThat(filter().publisherId("compute").build().matches(MESSAGE)).isTrue();
        assertThat(filter().publisherId("^compute.*").build().matches(MESSAGE)).isTrue();
        assertThat(filter().publisherId("host").build().matches(MESSAGE)).isFalse();
        assertThat(filter().publisherId("compute$").build().matches(MESSAGE)).isFalse();
        assertThat(filter().eventType("instance\\.create").build().matches(MESSAGE)).isTrue();
        assertThat(filter().eventType("create").build().matches(MESSAGE)).isFalse();
    }

    @Test
    void partsMustBeTextAndBeThere() {
        assertThat(filter().payload("state", "act").build().matches(MESSAGE)).isTrue();
        assertThat(filter().payload("size", "1").build().matches(MESSAGE)).isFalse();
        assertThat(filter().payload("nothing", ".*").build().matches(MESSAGE)).isFalse();
        assertThat(filter().payload("missing", ".*").build().matches(MESSAGE)).isFalse();
        assertThat(
                        filter().payload("state", ".*")
                                .build()
                                .matches(message(Notifications.number(1))))
                .isFalse();
        assertThat(filter().context("request_id", "req-").build().matches(MESSAGE)).isTrue();
        assertThat(filter().context("project_id", ".*").build().matches(MESSAGE)).isFalse();
        assertThat(filter().metadata("message_id", "m-1$").build().matches(MESSAGE)).isTrue();
        assertThat(filter().metadata("timestamp", "2026-").build().matches(MESSAGE)).isTrue();
        assertThat(filter().metadata("priority", ".*").build().matches(MESSAGE)).isFalse();
    }

    @Test
    void everyPartMustMatch() {
        NotificationFilter.Builder both = filter().publisherId("compute");
        assertThat(both.eventType("instance").build().matches(MESSAGE)).isTrue();
        assertThat(both.eventType("volume").build().matches(MESSAGE)).isFalse();
    }

    @Test
    void boundsTextsAndExpressions() {
        NotificationMessage message =
                message(
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("x", "a".repeat(NotificationFilter.LONGEST_TEXT + 1)));
        assertThat(filter().payload("x", "a").build().matches(message)).isFalse();
        assertThatThrownBy(() -> filter().publisherId("a".repeat(1025)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> filter().publisherId("("))
                .isInstanceOf(PatternSyntaxException.class);
        NotificationFilter.Builder many = filter();
        for (int i = 0; i < NotificationFilter.MOST_EXPRESSIONS; i++) {
            many.payload("x" + i, "a");
        }
        assertThatThrownBy(() -> many.payload("y", "a"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
