package io.virtman.cinder.database;

/** The values of {@code volumes.status} that the bridge reads or writes. */
final class VolumeStatus {
    static final String CREATING = "creating";
    static final String DOWNLOADING = "downloading";
    static final String AVAILABLE = "available";
    static final String IN_USE = "in-use";
    static final String ATTACHING = "attaching";
    static final String DELETING = "deleting";
    static final String ERROR = "error";
    static final String ERROR_DELETING = "error_deleting";
    static final String EXTENDING = "extending";
    static final String ERROR_EXTENDING = "error_extending";

    private VolumeStatus() {}
}
