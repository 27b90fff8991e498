package io.virtman.cinder.testing;

import io.virtman.cinder.cloud.ImageService;
import io.virtman.cinder.cloud.SourceImage;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Glance in memory. */
public final class FakeImageService implements ImageService {
    private final Map<String, SourceImage> images = new ConcurrentHashMap<>();
    private final List<String> tokens = new CopyOnWriteArrayList<>();
    private final AtomicLong credential = new AtomicLong(1);
    private final List<String> unfilled = new CopyOnWriteArrayList<>();
    private volatile boolean away;

    /** An image that can be used, of a raw file of this length; its id. */
    public String raw(long length) {
        return add("active", "raw", "bare", length, Optional.empty(), 0, true);
    }

    /** Any image; its id. */
    public String add(
            String status,
            String format,
            String container,
            long length,
            Optional<Long> virtualBytes,
            int minimumGigabytes,
            boolean hashed) {
        String id = UUID.randomUUID().toString();
        images.put(
                id,
                new SourceImage(
                        id,
                        status,
                        format,
                        container,
                        length,
                        virtualBytes,
                        minimumGigabytes,
                        hashed ? Optional.of(new Hash("sha512", "ab")) : Optional.empty(),
                        Map.of("image_id", id, "disk_format", format, "hw_disk_bus", "virtio"),
                        URI.create("http://glance/v2/images/" + id + "/file")));
        return id;
    }

    /** Somebody deletes an image. */
    public void remove(String id) {
        images.remove(id);
    }

    /** Glance goes away, or comes back. */
    public void away(boolean now) {
        away = now;
    }

    /** From now on there is another credential. */
    public void renew() {
        credential.incrementAndGet();
    }

    /** The callers' tokens that were used, {@code -} for the bridge's own. */
    public List<String> tokens() {
        return List.copyOf(tokens);
    }

    @Override
    public SourceImage image(String id, @Nullable String token) {
        tokens.add(token == null ? "-" : token);
        requireThere();
        SourceImage image = images.get(id);
        if (image == null) {
            throw new ProblemException(
                    Kind.NOT_FOUND, "Glance", "there is no image " + id, "check that it exists");
        }
        return image;
    }

    /** {@code id token} of those whose removal was asked for. */
    public List<String> unfilled() {
        return List.copyOf(unfilled);
    }

    @Override
    public void removeUnfilled(String id, String token) {
        unfilled.add(id + " " + token);
        requireThere();
    }

    @Override
    public Credential credential() {
        requireThere();
        long number = credential.get();
        return new Credential(Map.of("X-Auth-Token", "secret-" + number), number);
    }

    private void requireThere() {
        if (away) {
            throw new ProblemException(
                    Kind.UNAVAILABLE, "Glance", "it does not answer", "try again later");
        }
    }
}
