package io.virtman.cinder.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.volume.Caller;
import io.virtman.cinder.volume.FlowTest;
import io.virtman.cinder.volume.Request;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of an image that was to be made of a volume. */
class RefusalTest extends FlowTest {
    private final String image = Seed.uuid();

    RefusalTest(TestCinder cinder) {
        super(cinder);
    }

    private String refuseUpload(Request request) throws Exception {
        String volume = seed.volume(1, "uploading");
        Order order =
                new Order(
                        "copy_volume_to_image",
                        volume,
                        null,
                        image,
                        null,
                        false,
                        false,
                        0,
                        List.of(),
                        List.of(),
                        Seed.PROJECT,
                        "req-1");
        new Refusal(ledger, glance).run(request, order);
        return status(volume);
    }

    @Test
    void anImageThatIsNotFilledGoesWithItsOwnersRights() throws Exception {
        assertThat(refuseUpload(request())).isEqualTo("available");

        assertThat(glance.unfilled()).containsExactly(image + " a-token");
        assertThat(messages()).hasSize(1);
        assertDone();
    }

    @Test
    void theVolumeIsFreeThoughGlanceIsAway() throws Exception {
        glance.away(true);

        assertThat(refuseUpload(request())).isEqualTo("available");

        assertDone();
    }

    @Test
    void withoutItsOwnersTokenItStays() throws Exception {
        Request resumed = new Request(request().uniqueId(), new Caller(Seed.PROJECT, "r", null));

        assertThat(refuseUpload(resumed)).isEqualTo("available");

        assertThat(glance.unfilled()).isEmpty();
        assertDone();
    }
}
