package io.virtman.cinder.volume;

import io.virtman.cinder.database.Layer;
import io.virtman.cinder.database.UserMessage.Detail;
import io.virtman.cinder.engine.Engine;
import io.virtman.cinder.engine.EngineDisk;
import io.virtman.problem.ProblemException;
import java.time.Duration;
import java.util.Optional;

/** Where the data of a volume is, and whether there is any. */
public final class Disks {
    /**
     * How long a request that nobody waits for may wait for a host: one that hangs must not keep
     * the workers of all others. What it doesn't answer by then is done later.
     */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Engine engine;

    public Disks(Engine engine) {
        this.engine = engine;
    }

    /**
     * The disk with data of its own that a volume has; empty when it is nothing but its source.
     *
     * @throws VolumeFault when its home can't be asked, or has lost the disk
     */
    public Optional<EngineDisk> written(Layer layer) {
        if (!layer.written() || layer.homeHost().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(require(layer, layer.homeHost().get())).filter(EngineDisk::written);
    }

    /**
     * The disk of a volume into which somebody may have written. A node that doesn't have it must
     * not make another one, which would be empty.
     *
     * @throws VolumeFault when it isn't there, or not whole any more
     */
    public EngineDisk require(Layer layer, String home) {
        try {
            return engine.disk(home, Names.disk(layer.id()))
                    .filter(disk -> !disk.destroying())
                    .orElseThrow(() ->
                            VolumeFault.backend(
                                    "the disk of volume "
                                            + layer.id()
                                            + " is missing or half destroyed on its host "
                                            + home
                                            + ": look at the node's log there",
                                    Detail.VOLUME_INVALID_STATE));
        } catch (ProblemException e) {
            throw VolumeFault.of(e, Detail.DRIVER_NOT_INITIALIZED);
        }
    }
}
