package io.virtman.node;

import org.jspecify.annotations.Nullable;

/**
 * What the node remembers of a VM.
 *
 * <pre>
 *   CREATING --layer made--> READY --destroy--> DESTROYING --> (no record)
 * </pre>
 *
 * After a restart CREATING is undone, since nobody was told it exists, and DESTROYING is completed.
 *
 * @param name unique on its node
 * @param image id of its image; null when its disk began empty
 * @param imageName the image's name when the VM was created; null like {@code image}
 * @param size bytes of its disk
 * @param state see above
 * @param exported whether its disk is to be there as a file, also after a restart or a reboot
 * @param interrupted why the export was lost and made anew since it was last asked for; null when
 *     it was not
 */
public record VmRecord(
        String name,
        @Nullable String image,
        @Nullable String imageName,
        long size,
        State state,
        boolean exported,
        @Nullable String interrupted) {
    /** Where a VM is in its life. */
    public enum State {
        CREATING,
        READY,
        DESTROYING
    }

    VmRecord with(State next) {
        return new VmRecord(name, image, imageName, size, next, exported, interrupted);
    }

    VmRecord withSize(long bytes) {
        return new VmRecord(name, image, imageName, bytes, state, exported, interrupted);
    }

    VmRecord exported(boolean wanted) {
        return new VmRecord(name, image, imageName, size, state, wanted, null);
    }

    VmRecord interrupted(String reason) {
        return new VmRecord(name, image, imageName, size, state, exported, reason);
    }
}
