package io.virtman.cinder.rpc;

import io.virtman.cinder.volume.SnapshotCreate;
import io.virtman.cinder.volume.SnapshotDelete;
import io.virtman.cinder.volume.VolumeAttach;
import io.virtman.cinder.volume.VolumeCreate;
import io.virtman.cinder.volume.VolumeDelete;
import io.virtman.cinder.volume.VolumeExtend;

/** All that can be asked of the bridge, made once by its composition root. */
public record Flows(
        VolumeCreate create,
        VolumeDelete delete,
        VolumeExtend extend,
        SnapshotCreate createSnapshot,
        SnapshotDelete deleteSnapshot,
        VolumeAttach attach,
        Refusal refusal) {}
