package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseSettingsTest {
    @ParameterizedTest
    @CsvSource({
        "mysql+pymysql://cinder:secret@db.example.org/cinder?charset=utf8, db.example.org:3306",
        "mysql://cinder:a%40b:c@10.0.0.1:3307/cinder, 10.0.0.1:3307",
        "mysql+pymysql://root@localhost/cinder, localhost:3306",
        "mysql+pymysql://cinder:x@[fd00::1]:3306/cinder, [fd00::1]:3306",
        "mariadb+pymysql://db/cinder, db:3306",
    })
    void serverAndSchemaAreCinders(String connection, String server) {
        DatabaseSettings settings = DatabaseSettings.ofCinder(connection, "me", "mine");

        assertThat(settings.server()).isEqualTo(server);
        assertThat(settings.cinderSchema()).isEqualTo("cinder");
        assertThat(settings.user()).isEqualTo("me");
        assertThat(settings.password()).isEqualTo("mine");
        assertThat(settings.url()).isEqualTo("jdbc:mysql://" + server + "/cinder");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sqlite:///cinder.sqlite",
                "postgresql://db/cinder",
                "mysql+pymysql://root@localhost/cinder?unix_socket=/run/mysqld/mysqld.sock",
                "mysql+pymysql://db",
            })
    void othersAreRefusedWithoutTellingTheirPassword(String connection) {
        assertThatThrownBy(() -> DatabaseSettings.ofCinder(connection, "me", "mine"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("connection: ");
    }

    @Test
    void ranges() {
        assertThatThrownBy(() -> settings(0, 5, 10)).hasMessageContaining("pool size");
        assertThatThrownBy(() -> settings(65, 5, 10)).hasMessageContaining("pool size");
        assertThatThrownBy(() -> settings(1, 0, 10)).hasMessageContaining("connect timeout");
        assertThatThrownBy(() -> settings(1, 5, 0)).hasMessageContaining("statement timeout");
        assertThatThrownBy(() -> DatabaseSettings.of("h/../x?a=b", "cinder", "u", "p"))
                .hasMessageContaining("server");
        assertThatThrownBy(() -> DatabaseSettings.of("h:1", "cinder?x", "u", "p"))
                .hasMessageContaining("schema");
        assertThatThrownBy(() -> DatabaseSettings.of("h:1", "cinder", "", "p"))
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
