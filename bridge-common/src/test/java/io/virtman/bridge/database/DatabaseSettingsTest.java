package io.virtman.bridge.database;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DatabaseSettingsTest {
    @Test
    void ranges() {
        assertThatThrownBy(() -> settings(0, 5, 10)).hasMessageContaining("pool size");
        assertThatThrownBy(() -> settings(65, 5, 10)).hasMessageContaining("pool size");
        assertThatThrownBy(() -> settings(1, 0, 10)).hasMessageContaining("connect timeout");
        assertThatThrownBy(() -> settings(1, 5, 0)).hasMessageContaining("statement timeout");
        assertThatThrownBy(() -> DatabaseSettings.of("h/../x?a=b", "cinder", "u", "p", 8))
                .hasMessageContaining("server");
        assertThatThrownBy(() -> DatabaseSettings.of("h:1", "cinder?x", "u", "p", 8))
                .hasMessageContaining("schema");
        assertThatThrownBy(() -> DatabaseSettings.of("h:1", "cinder", "", "p", 8))
                .hasMessageContaining("user");
    }

    private static DatabaseSettings settings(int pool, int connect, int statement) {
        return new DatabaseSettings(
                "h:1",
                "cinder",
                "u",
                "p",
                pool,
                Duration.ofSeconds(20),
                Duration.ofSeconds(connect),
                Duration.ofSeconds(statement),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10));
    }
}
