package io.virtman.node;

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
 * @param image id of its image
 * @param imageName the image's name when the VM was created
 * @param size bytes of its disk
 * @param state see above
 */
public record VmRecord(String name, String image, String imageName, long size, State state) {
    /** Where a VM is in its life. */
    public enum State {
        CREATING,
        READY,
        DESTROYING
    }

    VmRecord with(State next) {
        return new VmRecord(name, image, imageName, size, next);
    }
}
