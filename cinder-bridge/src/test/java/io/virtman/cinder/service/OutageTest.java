package io.virtman.cinder.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.database.CinderExtension;
import io.virtman.cinder.database.TestCinder;
import io.virtman.testkit.RabbitBroker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The database or the broker is killed while the service works. */
@ExtendWith(CinderExtension.class)
class OutageTest {
    private static final int VOLUMES = 20;

    private final TestCinder cinder;

    OutageTest(TestCinder cinder) {
        this.cinder = cinder;
    }

    @Test
    void noRequestIsLostOrDoneTwiceWhenTheDatabaseIsKilled(@TempDir Path directory)
            throws Exception {
        try (ServiceScene scene = new ServiceScene(cinder, RabbitBroker.shared(), directory, 30)) {
            scene.lead();
            List<String> volumes = new ArrayList<>();
            for (int i = 0; i < VOLUMES; i++) {
                volumes.add(scene.seed.creating(1));
            }
            for (int i = 0; i < VOLUMES; i++) {
                if (i == VOLUMES / 2) {
                    cinder.server.kill();
                }
                scene.create(volumes.get(i));
            }
            cinder.server.restart();

            ServiceScene.patiently(() ->
                    scene.one("SELECT COUNT(*) FROM volumes WHERE status = 'creating'")
                            .equals("0"));

            assertThat(cinder.list("SELECT DISTINCT status FROM volumes"))
                    .containsExactly("available");
            assertThat(scene.one("SELECT COUNT(*) FROM virtman.bridge_layer"))
                    .isEqualTo(String.valueOf(VOLUMES));
            assertThat(scene.one("SELECT COUNT(*) FROM workers")).isEqualTo("0");
            assertThat(cinder.list("SELECT DISTINCT state FROM virtman.bridge_request"))
                    .containsExactly("done");
            assertThat(scene.one("SELECT COUNT(*) FROM messages")).isEqualTo("0");
        }
    }

    @Test
    void requestsComeAgainWhenTheBrokerIsBack(@TempDir Path directory) throws Exception {
        try (RabbitBroker broker = RabbitBroker.start();
                ServiceScene scene = new ServiceScene(cinder, broker, directory, 30)) {
            scene.lead();
            String before = scene.seed.creating(1);
            scene.create(before);
            ServiceScene.patiently(() -> scene.status(before).equals("available"));

            broker.kill();
            broker.restart();

            String after = scene.seed.creating(1);
            ServiceScene.patiently(() -> {
                try {
                    scene.create(after); // a cast to a queue that is not back yet is lost
                } catch (RuntimeException e) {
                    return false;
                }
                return !scene.status(after).equals("creating");
            });
            assertThat(scene.status(after)).isEqualTo("available");
            assertThat(scene.one("SELECT COUNT(*) FROM virtman.bridge_layer")).isEqualTo("2");
        }
    }
}
