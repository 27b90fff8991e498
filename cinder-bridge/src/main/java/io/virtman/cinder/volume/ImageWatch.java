package io.virtman.cinder.volume;

import io.virtman.cinder.cloud.ImageService;
import io.virtman.cinder.cloud.ImageService.Credential;
import io.virtman.cinder.database.BridgeImage;
import io.virtman.cinder.database.BridgeImage.State;
import io.virtman.cinder.database.BridgeImages;
import io.virtman.cinder.database.Outcome;
import io.virtman.cinder.database.Snapshot;
import io.virtman.cinder.database.Snapshots;
import io.virtman.cinder.database.UserMessage.Detail;
import io.virtman.cinder.database.Volume;
import io.virtman.cinder.database.Volumes;
import io.virtman.cinder.engine.Engine;
import io.virtman.cinder.engine.EngineImage;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * Follows images until they are complete: takes over how their imports end, gives origins new
 * credentials, tells users of failures, removes images nobody needs. {@link #tick} does it, called
 * every few seconds; others may wait for an image.
 */
public final class ImageWatch {
    private static final Logger LOGGER = System.getLogger(ImageWatch.class.getName());
    private static final Duration UNUSED = Duration.ofMinutes(10);

    /** Longer than a request waits for an image. */
    private static final Duration UNFINISHED = Duration.ofHours(7);

    private static final String CREATING = "creating";
    private static final Duration LOOK = Duration.ofMillis(250);

    private final Ledger ledger;
    private final Engine engine;
    private final ImageService glance;
    private final GlanceImages images;

    /** The number of the credential that the origin of an image has from us. */
    private final Map<String, Long> given = new ConcurrentHashMap<>();

    /** Images that are being registered, each by one thread. */
    private final Set<String> registering = ConcurrentHashMap.newKeySet();

    /** Of requests that wait for an image: others must get through meanwhile. */
    private final Semaphore waits;

    /**
     * For this backend.
     *
     * @param waits how many requests may wait for images at once, 1 or more; the rest is done again
     *     later
     */
    public ImageWatch(
            Ledger ledger, Engine engine, ImageService glance, GlanceImages images, int waits) {
        this.ledger = ledger;
        this.engine = engine;
        this.glance = glance;
        this.images = images;
        this.waits = new Semaphore(waits);
    }

    /** One round over all images that are not complete. One caller at a time. */
    public void tick() {
        for (BridgeImage image : ledger.read(tx -> BridgeImages.in(tx, State.IMPORTING))) {
            attempt(image, () -> follow(image));
        }
        for (BridgeImage image : ledger.read(tx -> BridgeImages.in(tx, State.NEW))) {
            if (image.glanceId().isPresent()) {
                attempt(image, () -> images.registered(image));
            }
        }
    }

    /** Registers an image soon, without waiting for it. */
    public void register(BridgeImage image) {
        if (image.voltId().isPresent() || !registering.add(image.id())) {
            return;
        }
        Thread.ofVirtual()
                .name("image-" + image.id())
                .start(() -> {
                    try {
                        attempt(image, () -> images.registered(image));
                    } catch (RuntimeException e) {
                        // the next tick does it
                        LOGGER.log(Level.WARNING, "image {0}: {1}", image.id(), e.toString());
                    } finally {
                        registering.remove(image.id());
                    }
                });
    }

    /** One round over all images that no volume lies on any more. One caller at a time. */
    public void tidy() {
        for (BridgeImage image : ledger.read(tx -> BridgeImages.unused(tx, UNUSED, UNFINISHED))) {
            attempt(image, () -> tidy(image));
        }
    }

    private static void attempt(BridgeImage image, Runnable work) {
        try {
            work.run();
        } catch (ProblemException | VolumeFault e) {
            LOGGER.log(Level.WARNING, "image {0}: {1}", image.id(), e.getMessage());
        }
    }

    private void follow(BridgeImage image) {
        String voltId = image.voltId().orElseThrow();
        Optional<EngineImage> there = engine.image(voltId);
        if (there.isEmpty()) {
            fail(image, "it has been removed from Volt's catalogue");
            return;
        }
        switch (there.get().state()) {
            case SEALED -> {
                ledger.change(tx -> BridgeImages.ready(tx, image.id(), there.get().bytes()));
                given.remove(image.id());
            }
            case FAILED -> fail(image, there.get().failure().orElse("its import failed"));
            case IMPORTING -> {
                if (isWaitedFor(image)) {
                    ledger.change(tx -> BridgeImages.touch(tx, image.id()));
                }
                renew(image, voltId);
            }
        }
    }

    /** A node that was restarted knows no credential, so it gets one even if it isn't new. */
    private void renew(BridgeImage image, String voltId) {
        if (image.glanceId().isEmpty()) {
            return;
        }
        Credential credential = glance.credential();
        String origin = image.origin().orElseThrow();
        engine.renewCredential(origin, voltId, credential.headers());
        Long former = given.put(image.id(), credential.number());
        if (former == null || former != credential.number()) {
            LOGGER.log(Level.DEBUG, "image {0}: {1} to {2}", image.id(), credential, origin);
        }
    }

    private void fail(BridgeImage image, String reason) {
        LOGGER.log(Level.WARNING, "image {0} failed: {1}", image.id(), reason);
        ImageFailure.note(ledger, image.id(), reason, Detail.UNKNOWN_ERROR);
        given.remove(image.id());
    }

    /** Whether it is made for a volume or snapshot that waits for it, and is called like it. */
    private boolean isWaitedFor(BridgeImage image) {
        return image.glanceId().isEmpty()
                && ledger.read(tx ->
                        Volumes.find(tx, image.id()).map(Volume::status).stream()
                                        .anyMatch(CREATING::equals)
                                || Snapshots.find(tx, image.id()).map(Snapshot::status).stream()
                                        .anyMatch(CREATING::equals));
    }

    private void tidy(BridgeImage image) {
        if (isWaitedFor(image)) {
            return; // a layer comes to lie on it when its request is taken up again
        }
        if (image.glanceId().isPresent() && image.state() != State.FAILED && isInGlance(image)) {
            ledger.change(tx -> BridgeImages.touch(tx, image.id()));
            return; // the next volume of it comes at once
        }
        // From here on nobody makes anything of it, whatever becomes of the next step.
        if (ledger.change(tx -> BridgeImages.retire(tx, image.id())) != Outcome.DONE) {
            return; // a volume has come to lie on it meanwhile
        }
        if (image.voltId().isPresent()) {
            engine.removeImage(image.origin().orElseThrow(), image.voltId().get());
        } else if (image.glanceId().isEmpty()) {
            // made all the same, by a call whose answer never came
            engine.image(Names.madeImage(image.id()))
                    .ifPresent(made -> engine.removeImage(made.origin(), made.id()));
        }
        ledger.change(tx -> BridgeImages.remove(tx, image.id()));
    }

    private boolean isInGlance(BridgeImage image) {
        try {
            glance.image(image.glanceId().orElseThrow(), null);
            return true;
        } catch (ProblemException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Waits until an image is complete.
     *
     * @throws VolumeFault when it fails, or takes too long
     * @throws DeferredRequestException when too many wait already
     */
    BridgeImage await(String imageId, Duration limit) {
        Optional<BridgeImage> complete = complete(imageId);
        if (complete.isPresent()) {
            return complete.get();
        }
        if (!waits.tryAcquire()) {
            throw new DeferredRequestException("enough others wait for images");
        }
        try {
            return wait(imageId, limit);
        } finally {
            waits.release();
        }
    }

    private BridgeImage wait(String imageId, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            Optional<BridgeImage> complete = complete(imageId);
            if (complete.isPresent()) {
                return complete.get();
            }
            if (System.nanoTime() >= end) {
                throw VolumeFault.image(
                        imageId,
                        "it was not complete after " + limit.toSeconds() + " s",
                        Detail.UNKNOWN_ERROR);
            }
            pause();
        }
    }

    private Optional<BridgeImage> complete(String imageId) {
        BridgeImage image =
                ledger.read(tx -> BridgeImages.find(tx, imageId)).orElseThrow(() -> gone(imageId));
        if (image.state() == State.FAILED) {
            throw VolumeFault.image(
                    image.glanceId().orElse(imageId),
                    image.failure().orElse("it failed"),
                    Detail.UNKNOWN_ERROR);
        }
        return Optional.of(image).filter(each -> each.state() == State.READY);
    }

    private static VolumeFault gone(String imageId) {
        return VolumeFault.image(imageId, "it is not there any more", Detail.UNKNOWN_ERROR);
    }

    private static void pause() {
        LockSupport.parkNanos(LOOK.toNanos());
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedRequestException();
        }
    }
}
