package io.virtman.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class FileImageSourceTest {
    private static final int MIB = 1 << 20;

    @TempDir Path scratch;
    private Path path;

    @BeforeEach
    void setUp() throws IOException {
        path = Files.write(scratch.resolve("file"), new byte[0]);
        QemuImages.run("truncate", "-s", "8M", path.toString());
        QemuImages.patch(path, 2 * MIB, ones(MIB));
    }

    @Test
    void itKnowsItsHoles() throws Exception {
        try (var file = FileImageSource.open(path)) {
            assertThat(file.extent(0, 8 * MIB)).isEqualTo(new Extent(0, 2 * MIB, true));
            assertThat(file.extent(MIB, 100)).isEqualTo(new Extent(MIB, 100, true));
            assertThat(file.extent(2 * MIB, 6 * MIB)).isEqualTo(new Extent(2 * MIB, MIB, false));
            assertThat(file.extent(2 * MIB + 7, 9)).isEqualTo(new Extent(2 * MIB + 7, 9, false));
            assertThat(file.extent(3 * MIB, 5 * MIB)).isEqualTo(new Extent(3 * MIB, 5 * MIB, true));
        }
    }

    @Test
    void whereHolesAreUnknownAllIsData() throws Exception {
        // procfs has no SEEK_HOLE of its own
        Path proc = Path.of("/proc/version");
        try (var file = NativeFile.open(proc)) {
            assertThat(file.nextData(0, 100)).isZero();
            assertThat(file.nextHole(0, 100)).isPositive();
        }
    }

    @Test
    void itStaysWithTheFileItOpened() throws Exception {
        try (var file = FileImageSource.open(path)) {
            Path other = Files.write(scratch.resolve("other"), new byte[8 * MIB]);
            Files.move(other, path, StandardCopyOption.ATOMIC_MOVE);
            assertThat(read(file, 2 * MIB)).isEqualTo((byte) 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"write", "truncate", "append", "times set back"})
    void itNoticesChanges(String how) throws Exception {
        FileTime modified = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
        Files.setLastModifiedTime(path, modified); // a change within one tick would go unnoticed
        try (var file = new PinnedFileSource(FileImageSource.open(path))) {
            assertThat(read(file, 2 * MIB)).isEqualTo((byte) 1);
            switch (how) {
                case "write" -> QemuImages.patch(path, 0, (byte) 9);
                case "truncate" -> QemuImages.run("truncate", "-s", "1M", path.toString());
                case "append" -> Files.write(path, ones(1), StandardOpenOption.APPEND);
                default -> {
                    Object before = Files.getAttribute(path, "unix:ctime");
                    do {
                        QemuImages.patch(path, 0, (byte) 9);
                        Files.setLastModifiedTime(path, modified);
                    } while (before.equals(Files.getAttribute(path, "unix:ctime")));
                }
            }
            assertThatThrownBy(() -> read(file, 2 * MIB))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(path.toString())
                    .hasMessageContaining("changed");
            assertThatThrownBy(() -> file.extent(0, 1)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anInterruptedReaderDisturbsNoOther() throws Exception {
        try (var file = FileImageSource.open(path)) {
            var failure = new AtomicReference<Throwable>();
            Thread interrupted =
                    Thread.ofVirtual()
                            .start(() -> {
                                Thread.currentThread().interrupt();
                                try {
                                    byte _ = read(file, 0);
                                } catch (IOException e) {
                                    failure.set(e);
                                }
                            });
            interrupted.join();
            assertThat(failure.get()).isInstanceOf(InterruptedIOException.class);
            assertThat(read(file, 2 * MIB)).isEqualTo((byte) 1);
        }
    }

    @Test
    void afterCloseItFails() throws Exception {
        var file = FileImageSource.open(path);
        file.close();
        file.close();
        assertThatThrownBy(() -> read(file, 0)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> file.extent(0, 1)).isInstanceOf(IOException.class);
    }

    @Test
    void whatIsNoFileIsRefusedWithoutWaiting() throws Exception {
        Path fifo = scratch.resolve("fifo");
        QemuImages.run("mkfifo", fifo.toString());
        for (Path path : new Path[] {fifo, scratch, Path.of("/dev/zero"), scratch.resolve("no")}) {
            assertThatThrownBy(() -> FileImageSource.open(path))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(path.toString());
        }
    }

    private static byte read(BlockSource file, long offset) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        file.read(offset, one);
        return one.get(0);
    }

    private static byte[] ones(int count) {
        byte[] ones = new byte[count];
        Arrays.fill(ones, (byte) 1);
        return ones;
    }
}
