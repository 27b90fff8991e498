package io.virtman.cinder.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.messaging.config.OsloConfiguration;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.RabbitOptionsReader;
import io.virtman.messaging.config.ReconnectOptions;
import io.virtman.messaging.config.TransportUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BridgeTest {
    private static final Duration LEASE = Duration.ofSeconds(15);

    @TempDir private Path directory;

    private RabbitOptions prompt(String options) throws Exception {
        Path file = directory.resolve("virtman.conf");
        Files.writeString(file, "[oslo_messaging_rabbit]\n" + options);
        return Bridge.prompt(
                RabbitOptionsReader.read(
                        OsloConfiguration.load(List.of(file)), TransportUrl.parse("rabbit://")),
                LEASE);
    }

    @Test
    void theBrokerMissesADeadLeaderBeforeCallersGiveUp() throws Exception {
        assertThat(prompt("").heartbeat()).isEqualTo(Duration.ofMillis(7_500));
        assertThat(prompt("heartbeat_timeout_threshold = 4\n").heartbeat())
                .isEqualTo(Duration.ofSeconds(4));
        assertThat(prompt("heartbeat_timeout_threshold = 0\n").heartbeat())
                .as("none is wanted")
                .isZero();
    }

    @Test
    void theQueuesAreMadeAgainSoonAfterTheBrokerIsBack() throws Exception {
        ReconnectOptions usual = prompt("").reconnect();
        assertThat(usual.interval()).isEqualTo(ReconnectOptions.DEFAULTS.interval());
        assertThat(usual.maximum()).isEqualTo(Duration.ofSeconds(3));
        assertThat(prompt("rabbit_interval_max = 2\n").reconnect().maximum())
                .isEqualTo(Duration.ofSeconds(2));
        assertThat(prompt("rabbit_retry_interval = 9\n").reconnect().maximum())
                .as("no pause is shorter than the first, which its user chose")
                .isEqualTo(Duration.ofSeconds(9));
    }
}
