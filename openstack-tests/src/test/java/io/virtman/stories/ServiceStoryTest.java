package io.virtman.stories;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An operator watches the volume service come, go and come back. */
class ServiceStoryTest {
    private static final String SERVICE = "virtman-cinder";
    private static final String OTHERS =
            "SELECT host, `binary`, rpc_current_version, object_current_version"
                    + " FROM cinder.services WHERE deleted = 0 AND `binary` <> 'cinder-volume'"
                    + " ORDER BY id";

    @RegisterExtension private final Cloud cloud = new Cloud();

    @Test
    void comesAndGoesWithoutTouchingTheOthers() {
        List<List<String>> others = Rows.all(OTHERS);
        assertThat(state()).isEqualTo("up");

        Bed.stop(SERVICE);
        // Cinder's service_down_time is 60 s
        Deadline.awaitValue(Duration.ofSeconds(100), "down", this::state, "down"::equals);

        Bed.up();
        Deadline.awaitValue(Duration.ofSeconds(60), "up", this::state, "up"::equals);
        assertThat(Rows.all(OTHERS)).isEqualTo(others);
        assertThat(
                        Rows.count(
                                "SELECT COUNT(*) FROM cinder.services"
                                        + " WHERE host = 'testbed@virtman' AND deleted = 0"))
                .isEqualTo(1);
    }

    @Test
    void isNotOlderThanTheSchedulers() {
        // a lower version would make the others speak an older dialect from their next start on
        String query =
                "SELECT rpc_current_version, object_current_version FROM cinder.services"
                        + " WHERE deleted = 0 AND `binary` = ? AND host LIKE ?";
        List<String> scheduler = Rows.all(query, "cinder-scheduler", "%").getFirst();
        List<String> ours = Rows.all(query, "cinder-volume", "testbed@virtman").getFirst();
        assertThat(ours.get(1)).isEqualTo(scheduler.get(1));
    }

    private String state() {
        for (var service : cloud.cli().json("volume", "service", "list")) {
            if (Cloud.text(service, "Host").equals("testbed@virtman")) {
                return Cloud.text(service, "State");
            }
        }
        return "unknown";
    }
}
