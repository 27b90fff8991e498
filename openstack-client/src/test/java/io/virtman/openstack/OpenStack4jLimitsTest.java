package io.virtman.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import org.junit.jupiter.api.Test;
import org.openstack4j.core.transport.ObjectMapperSingleton;
import org.openstack4j.model.image.v2.DiskFormat;
import org.openstack4j.openstack.identity.v3.domain.KeystoneToken;
import org.openstack4j.openstack.image.v2.domain.GlanceImage;

/** Why some calls are ours: what OpenStack4j makes of answers. Where one fails, it has learned. */
class OpenStack4jLimitsTest {
    private static <T> T read(Class<T> type, String json) throws Exception {
        return ObjectMapperSingleton.getContext(type).readValue(json, type);
    }

    @Test
    void readsARecordedLogin() throws Exception {
        assertThat(read(KeystoneToken.class, FakeOpenStack.recorded("login.json")).getCatalog())
                .hasSize(6);
    }

    @Test
    void cannotLogInWhereACatalogueHasAWebSocket() {
        assertThatThrownBy(() ->
                        read(
                                KeystoneToken.class,
                                FakeOpenStack.recorded("login.json")
                                        .replace(
                                                "\"http://127.0.0.1:9696\"",
                                                "\"ws://127.0.0.1:9000\"")))
                .isInstanceOf(InvalidFormatException.class);
    }

    @Test
    void losesTheNameOfAFormat() throws Exception {
        GlanceImage image =
                read(GlanceImage.class, "{\"disk_format\": \"parallels\", \"size\": null}");
        assertThat(image.getDiskFormat()).isEqualTo(DiskFormat.UNRECOGNIZED);
    }
}
