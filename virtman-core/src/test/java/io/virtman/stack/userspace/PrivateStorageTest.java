package io.virtman.stack.userspace;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.block.PrivateFiles;
import io.virtman.stack.AttachedImage;
import io.virtman.testing.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds the content of disks is closed to other users of the host, whatever the umask. */
class PrivateStorageTest {
    private static final int SIZE = 900_000;

    @TempDir private Path directory;

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static void open(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void layersCopiesAndTheCacheAreForTheNodeAlone() throws Exception {
        Path layers = directory.resolve("host/layers");
        Path cache = directory.resolve("host/cache");
        open(layers); // as an older version left them
        open(cache);
        TestImage image = TestImage.sparse(directory.resolve("image"), SIZE, 1);
        Path copy = directory.resolve("copy.qcow2");
        try (StackScene host = new StackScene(directory.resolve("host"));
                AttachedImage attached = host.origin("img", image)) {
            assertThat(mode(layers)).isEqualTo("rwx------");
            assertThat(mode(cache)).isEqualTo("rwx------");
            host.stack.createEmptyLayer("empty", 1 << 20);
            host.stack.createLayer("vm1", attached, 1 << 20);
            host.stack.createLayer("vm2", attached, 1 << 20); // as the one before
            host.stack.extendLayer("vm2", 2 << 20);
            host.stack.copyLayer("vm2", copy);
            for (String vm : new String[] {"empty", "vm1", "vm2"}) {
                assertThat(mode(host.stack.layer(vm))).as(vm).isEqualTo("rw-------");
            }
            assertThat(mode(copy)).isEqualTo("rw-------");
            assertThat(mode(cache.resolve("chunks"))).isEqualTo("rw-------");
            assertThat(mode(cache.resolve("index"))).isEqualTo("rw-------");
        }
    }

    @Test
    void aDirectoryMeantForAllStaysSo() throws Exception {
        Path all = Files.createDirectory(directory.resolve("all"));
        Files.setAttribute(all, "unix:mode", 01777);

        assertThat(PrivateFiles.directory(all)).isEqualTo(all);

        assertThat(mode(all)).isEqualTo("rwxrwxrwx");
        assertThat(mode(PrivateFiles.directory(all.resolve("a/b")))).isEqualTo("rwx------");
    }
}
