package io.virtman.messaging.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.messaging.config.TransportUrl.Host;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransportUrlTest {
    @Test
    void readsHostsPortsCredentialsVirtualHostAndOptions() {
        TransportUrl url =
                TransportUrl.parse(
                        "rabbit://us%40er:p%2Fw%3A+@one:5673,other:se:cret@[fd00::1]:5674,three"
                                + "/my%20vhost?ssl=1&kombu_failover_strategy=shuffle");
        assertThat(url.hosts())
                .containsExactly(
                        new Host("one", 5673, "us@er", "p/w:+"),
                        new Host("fd00::1", 5674, "other", "se:cret"),
                        new Host("three", 0, "other", "se:cret"));
        assertThat(url.virtualHost()).isEqualTo("my vhost");
        assertThat(url.query()).isEqualTo(Map.of("ssl", "1", "kombu_failover_strategy", "shuffle"));
        assertThat(url).hasToString("rabbit://one:5673,[fd00::1]:5674,three/my vhost");
    }

    @Test
    void hasTheDefaultsOfTheDriver() {
        TransportUrl url = TransportUrl.parse("rabbit://");
        assertThat(url.hosts()).containsExactly(new Host("localhost", 0, "guest", "guest"));
        assertThat(url.virtualHost()).isEqualTo("/");
        assertThat(TransportUrl.parse("rabbit://u:p@h/").virtualHost()).isEqualTo("/");
        assertThat(TransportUrl.parse("rabbit://u:p@h//").virtualHost()).isEqualTo("/");
        assertThat(TransportUrl.parse("kombu://u:p@[::1]/%2F").hosts())
                .containsExactly(new Host("::1", 0, "u", "p"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "u:secret@host",
                "amqp://u:secret@host",
                "rabbit://u:secret@host:port/",
                "rabbit://u:secret@host:0/",
                "rabbit://u:secret@host:70000/",
                "rabbit://u:secret@[::1/",
                "rabbit://u:secret@:5672/",
                "rabbit://u:secret%zz@host/",
                "rabbit://u:secret@host/?ssl",
            })
    void refusesWhatIsNone(String url) {
        assertThatThrownBy(() -> TransportUrl.parse(url))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("transport_url ")
                .hasMessageContaining("rabbit://user:password@host:5672/virtual_host")
                .hasMessageNotContaining("secret");
    }

    @Test
    void passwordsAreInNoText() {
        TransportUrl url = TransportUrl.parse("rabbit://u:secret@host/");
        assertThat(url.toString() + url.hosts()).doesNotContain("secret");
    }
}
