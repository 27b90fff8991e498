package io.virtman.openstack;

import io.virtman.openstack.http.JsonFields;
import io.virtman.openstack.http.OpenStackException;
import java.net.URI;
import java.util.Map;

/** Glance, API v2. */
public final class Images {
    private final ServiceSession session;

    /** Calls nothing yet. */
    public Images(ServiceSession session) {
        this.session = session;
    }

    /**
     * An image as the service sees it: usually any image there is.
     *
     * @throws OpenStackException {@code NotFound} when there is none, and others
     */
    public GlanceImage image(String id) {
        return checked(id, session.get(Endpoints.IMAGE, path(id), Map.of()));
    }

    /**
     * An image as somebody else sees it, which says whether they may use it.
     *
     * @param userToken theirs; never replaced by the service's
     * @throws OpenStackException {@code NotFound} or {@code Forbidden} when they may not use it,
     *     {@code Unauthorized} when the token is none or has expired, and others
     */
    public GlanceImage image(String id, String userToken) {
        return checked(id, session.get(Endpoints.IMAGE, path(id), userToken));
    }

    /**
     * Deletes an image as somebody else.
     *
     * @param userToken theirs; never replaced by the service's
     * @throws OpenStackException {@code NotFound} or {@code Forbidden} when they may not, and
     *     others
     */
    public void delete(String id, String userToken) {
        session.delete(Endpoints.IMAGE, path(id), userToken);
    }

    /**
     * Where the data of an image are; reading them needs a token.
     *
     * @throws OpenStackException when the endpoint is not known
     */
    public URI dataUrl(String id) {
        return session.url(Endpoints.IMAGE, path(id) + "/file");
    }

    private static GlanceImage checked(String id, JsonFields answer) {
        GlanceImage image = GlanceImage.of(answer);
        if (!image.id().equals(id)) {
            throw new OpenStackException.Unexpected("image: the answer is another image");
        }
        return image;
    }

    private static String path(String id) {
        return "/images/" + Ids.checked("image", id);
    }
}
