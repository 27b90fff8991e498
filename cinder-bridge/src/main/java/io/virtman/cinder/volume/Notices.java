package io.virtman.cinder.volume;

/**
 * What flows tell others while they work: before they begin, and after what they did is committed.
 * Nothing of it fails or waits for anybody but the database, whoever listens. Any thread.
 */
public interface Notices {
    /** Nobody listens. */
    Notices NONE =
            new Notices() {
                @Override
                public void volume(Caller caller, String volumeId, Event event) {}

                @Override
                public void snapshot(Caller caller, String snapshotId, Event event) {}
            };

    /**
     * What happened, named as in Cinder's notifications. There are no ends of attaching and
     * detaching: these are with Cinder's API, which tells of them.
     */
    enum Event {
        CREATE_START("create.start"),
        CREATE_END("create.end"),
        DELETE_START("delete.start"),
        DELETE_END("delete.end"),
        RESIZE_START("resize.start"),
        RESIZE_END("resize.end"),
        ATTACH_START("attach.start"),
        DETACH_START("detach.start");

        private final String suffix;

        Event(String suffix) {
            this.suffix = suffix;
        }

        /** After {@code volume.} or {@code snapshot.} */
        public String suffix() {
            return suffix;
        }
    }

    /** Something happened to a volume, which may be deleted by now. */
    void volume(Caller caller, String volumeId, Event event);

    /** Something happened to a snapshot, which may be deleted by now. */
    void snapshot(Caller caller, String snapshotId, Event event);
}
