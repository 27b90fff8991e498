package io.virtman.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;

/**
 * What tells a file, at one moment, from another file or another moment: every write moves the
 * times, a replacement moves device and inode. Changes within one tick of the file system's clock
 * (some milliseconds) can be missed, as with any check of times.
 *
 * @param status time of the last change of content or attributes; unlike {@code modified}, no
 *     program can set it back
 */
record FileIdentity(long device, long inode, long size, FileTime modified, FileTime status) {
    /** The identity of the file {@code path} leads to. */
    static FileIdentity of(Path path) throws IOException {
        Map<String, Object> found =
                Files.readAttributes(path, "unix:dev,ino,size,lastModifiedTime,ctime");
        return new FileIdentity(
                value(found, "dev", Number.class).longValue(),
                value(found, "ino", Number.class).longValue(),
                value(found, "size", Number.class).longValue(),
                value(found, "lastModifiedTime", FileTime.class),
                value(found, "ctime", FileTime.class));
    }

    private static <T> T value(Map<String, Object> found, String name, Class<T> type) {
        return type.cast(Objects.requireNonNull(found.get(name), name));
    }
}
