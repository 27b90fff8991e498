package io.virtman.cinder.openstack;

import io.virtman.cinder.cloud.ImageService;
import io.virtman.cinder.cloud.SourceImage;
import io.virtman.openstack.AccessToken;
import io.virtman.openstack.GlanceImage;
import io.virtman.openstack.Images;
import io.virtman.openstack.ServiceSession;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@link ImageService} over Glance's REST API. */
public final class GlanceService implements ImageService {
    private static final String GLANCE = "Glance";
    private static final Set<String> UNFILLED = Set.of("queued", "saving");

    private final ServiceSession session;
    private final Images images;
    private String lastToken = "";
    private long number;

    public GlanceService(ServiceSession session) {
        this.session = session;
        this.images = new Images(session);
    }

    @Override
    public SourceImage image(String id, @Nullable String token) {
        return Problems.translate(
                GLANCE, () -> of(token == null ? images.image(id) : images.image(id, token)));
    }

    /** {@code cinder/volume/manager.py:_delete_image}. */
    @Override
    public void removeUnfilled(String id, String token) {
        Problems.translate(
                GLANCE,
                () -> {
                    if (UNFILLED.contains(images.image(id, token).status())) {
                        images.delete(id, token);
                    }
                    return true;
                });
    }

    private SourceImage of(GlanceImage image) {
        return new SourceImage(
                image.id(),
                image.status(),
                Objects.requireNonNullElse(image.diskFormat(), "none"),
                Objects.requireNonNullElse(image.containerFormat(), "none"),
                Objects.requireNonNullElse(image.size(), 0L),
                Optional.ofNullable(image.virtualSize()).filter(bytes -> bytes > 0),
                Math.toIntExact(Math.min(image.minDisk(), Integer.MAX_VALUE)),
                ImageService.hash(image.osHashAlgo(), image.osHashValue()),
                image.asCinderMetadata(),
                images.dataUrl(image.id()));
    }

    @Override
    public Credential credential() {
        AccessToken token = Problems.translate("Keystone", session::token);
        synchronized (this) {
            if (!token.value().equals(lastToken)) {
                lastToken = token.value();
                number++;
            }
            return new Credential(Map.of("X-Auth-Token", token.value()), number);
        }
    }
}
