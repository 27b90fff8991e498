package io.virtman.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.QemuImg;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ImageImporterTest {
    private static final int MIB = 1 << 20;

    @TempDir Path scratch;
    private Path directory;
    private ImageImporter importer;

    @BeforeEach
    void setUp() throws IOException {
        directory = scratch.resolve("image");
        importer = new ImageImporter(new QemuImg(new ProcessCommandRunner()));
    }

    @Test
    void aRawImageAndItsQcow2FormsSealToOneDigest() throws Exception {
        Path raw = sparseImage("raw", 20 * MIB);
        ImportedImage expected = importTo(directory, raw, ImageFormat.RAW);
        assertThat(Files.mismatch(expected.raw(), raw)).isEqualTo(-1);
        for (List<String> options :
                List.of(
                        List.of("-c"),
                        List.of("-c", "-o", "compression_type=zstd"),
                        List.of("-o", "compat=0.10"),
                        List.of("-o", "cluster_size=512"),
                        List.of("-o", "extended_l2=on"))) {
            Path qcow2 = scratch.resolve("qcow2, \"with\" odd=name");
            List<String> arguments = new ArrayList<>(List.of("convert", "-O", "qcow2"));
            arguments.addAll(options);
            arguments.addAll(List.of(raw.toString(), qcow2.toString()));
            QemuImages.img(arguments.toArray(String[]::new));
            Path target = scratch.resolve("image" + options);
            ImportedImage image = importTo(target, qcow2, ImageFormat.QCOW2);
            assertThat(image.sealed()).isEqualTo(expected.sealed());
            assertThat(Files.mismatch(image.raw(), raw)).isEqualTo(-1);
            assertThat(Files.getOwner(image.raw())).isEqualTo(Files.getOwner(raw));
            assertOnlyTheImageIsIn(target);
        }
    }

    @Test
    void holesAndRunsOfZeroesTakeNoSpace() throws Exception {
        Path raw = Files.write(scratch.resolve("raw"), new byte[8 * MIB]);
        QemuImages.patch(raw, 5 * MIB, (byte) 1);
        ImportedImage image = importTo(directory, raw, ImageFormat.RAW);
        try (var whole = image.openWhole()) {
            assertThat(whole.extent(0, 8 * MIB).hole()).isTrue();
            assertThat(whole.extent(0, 8 * MIB).end()).isEqualTo(5 * MIB);
            assertThat(whole.extent(5 * MIB, MIB).end()).isEqualTo(5 * MIB + 65536);
            assertThat(whole.extent(5 * MIB + 65536, MIB).hole()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 511, 4096, 4097, 1_000_001})
    void anySizeIsKeptToTheByte(int size) throws Exception {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Path raw = Files.write(scratch.resolve("raw"), content);
        ImportedImage image = importTo(directory, raw, ImageFormat.RAW);
        assertThat(image.sealed().size()).isEqualTo(size);
        try (var guest = new DataView(image.openWhole(), size)) {
            ByteBuffer read = ByteBuffer.allocate(size);
            guest.read(0, read);
            assertThat(guest.size()).isEqualTo(size);
            assertThat(read.array()).isEqualTo(content);
        }
    }

    @Test
    void aRawImageIsNeverLookedInto() throws Exception {
        Path secret = Files.writeString(scratch.resolve("secret"), "secret");
        Path raw = scratch.resolve("raw");
        QemuImages.img(
                "create",
                "-q",
                "-f",
                "qcow2",
                "-b",
                secret.toString(),
                "-F",
                "raw",
                raw.toString(),
                "1M");
        ImportedImage image = importTo(directory, raw, ImageFormat.RAW);
        assertThat(Files.mismatch(image.raw(), raw)).isEqualTo(-1);
    }

    @Test
    void itIsStillThereAfterARestart() throws Exception {
        ImportedImage image = importTo(directory, sparseImage("raw", MIB), ImageFormat.RAW);
        assertThat(ImportedImage.open(directory)).isEqualTo(image);
        assertProblem(Kind.CONFLICT, () -> importTo(directory, image.raw(), ImageFormat.RAW));
        QemuImages.run("truncate", "-s", "1", image.tree().toString());
        assertProblem(Kind.FAILED, () -> ImportedImage.open(directory));
        Files.delete(directory.resolve("manifest.properties"));
        assertProblem(Kind.NOT_FOUND, () -> ImportedImage.open(directory));
    }

    @Test
    void whatACrashLeftIsReplaced() throws Exception {
        Files.createDirectories(directory.resolve(".importing"));
        Files.writeString(directory.resolve(".importing/disk.raw"), "half");
        Files.writeString(directory.resolve("disk.raw"), "unfinished");
        Path raw = sparseImage("raw", MIB);
        ImportedImage image = importTo(directory, raw, ImageFormat.RAW);
        assertThat(Files.mismatch(image.raw(), raw)).isEqualTo(-1);
        assertOnlyTheImageIsIn(directory);
    }

    @Test
    void whatIsNoFileIsRefusedAtOnce() throws Exception {
        Path fifo = scratch.resolve("fifo");
        QemuImages.run("mkfifo", fifo.toString());
        Path empty = Files.createFile(scratch.resolve("empty"));
        for (ImageFormat format : ImageFormat.values()) {
            assertRefused(Kind.INVALID, fifo, format);
            assertRefused(Kind.INVALID, scratch, format);
            assertRefused(Kind.INVALID, Path.of("/dev/zero"), format);
            assertRefused(Kind.INVALID, empty, format);
            assertRefused(Kind.NOT_FOUND, scratch.resolve("missing"), format);
        }
    }

    @Test
    void aChangeDuringTheImportFailsIt() throws Exception {
        Path raw = sparseImage("raw", 4 * MIB);
        var changed = new AtomicBoolean();
        ProblemException problem =
                assertProblem(
                        Kind.FAILED,
                        () ->
                                importer.importImage(
                                        raw,
                                        ImageFormat.RAW,
                                        directory,
                                        _ -> {
                                            if (changed.compareAndSet(false, true)) {
                                                append(raw);
                                            }
                                        }));
        assertThat(problem).hasMessageContaining("changed").hasMessageContaining(raw.toString());
        assertThat(directory).doesNotExist();
    }

    @Test
    void anInterruptLeavesNothing() throws Exception {
        Path raw = sparseImage("raw", 4 * MIB);
        assertThatThrownBy(() ->
                        importer.importImage(
                                raw,
                                ImageFormat.RAW,
                                directory,
                                _ -> Thread.currentThread().interrupt()))
                .isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(directory).doesNotExist();
    }

    @Test
    void aQcow2CutOffAnywhereIsRefused() throws Exception {
        Path raw = sparseImage("raw", 4 * MIB);
        Path qcow2 = scratch.resolve("qcow2");
        QemuImages.img("convert", "-O", "qcow2", raw.toString(), qcow2.toString());
        long size = Files.size(qcow2);
        for (long left : new long[] {1, 71, 103, 4096, 65536, 200_000, size - 65536}) {
            QemuImages.img("convert", "-O", "qcow2", raw.toString(), qcow2.toString());
            QemuImages.run("truncate", "-s", Long.toString(left), qcow2.toString());
            assertRefused(Kind.INVALID, qcow2, ImageFormat.QCOW2);
        }
    }

    @Test
    void aDiskLargerThanFilesCanBeIsRefused() throws Exception {
        Path qcow2 = scratch.resolve("qcow2");
        QemuImages.img(
                "create", "-q", "-f", "qcow2", "-o", "cluster_size=2M", qcow2.toString(), "900P");
        assertRefused(Kind.INVALID, qcow2, ImageFormat.QCOW2);
    }

    @Test
    void progressGrowsToTheSizeOfTheDisk() throws Exception {
        List<Long> told = new ArrayList<>();
        importer.importImage(sparseImage("raw", 20 * MIB), ImageFormat.RAW, directory, told::add);
        assertThat(told).isSorted().endsWith(20L * MIB);
    }

    @Test
    void aFullDiskIsNamedAndLeftAsItWas() throws Exception {
        assumeTrue(Files.isWritable(Path.of("/proc/sys/kernel/hostname")), "only root can mount");
        Path mount = Files.createDirectory(scratch.resolve("small"));
        Path raw = sparseImage("raw", 60 * MIB); // 6.5 MB of data
        Path qcow2 = scratch.resolve("qcow2");
        QemuImages.img("convert", "-O", "qcow2", raw.toString(), qcow2.toString());
        QemuImages.run("mount", "-t", "tmpfs", "-o", "size=10m", "none", mount.toString());
        try {
            Path target = mount.resolve("image");
            Files.write(mount.resolve("other"), new byte[3 * MIB]);
            for (ImageFormat format : ImageFormat.values()) {
                Path source = format == ImageFormat.RAW ? raw : qcow2;
                if (format == ImageFormat.RAW) {
                    Files.write(mount.resolve("more"), new byte[2 * MIB]);
                } else {
                    Files.delete(mount.resolve("more")); // now the copy fits, but not the disk
                }
                var problem = assertProblem(Kind.FAILED, () -> importTo(target, source, format));
                assertThat(problem.field()).isEqualTo(target.toString());
                assertThat(problem).hasMessageContaining("no space left");
                assertThat(target).doesNotExist();
            }
        } finally {
            QemuImages.run("umount", mount.toString());
        }
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNotTakenForAFullDisk() throws Exception {
        Path raw = sparseImage("raw", MIB);
        Path nowhere = Path.of("/proc/no/image");
        var problem = assertProblem(Kind.FAILED, () -> importTo(nowhere, raw, ImageFormat.RAW));
        assertThat(problem).hasMessageContaining("/proc/no").hasMessageNotContaining("space");
    }

    private void assertRefused(Kind kind, Path source, ImageFormat format) {
        ProblemException problem = assertProblem(kind, () -> importTo(directory, source, format));
        assertThat(problem.field()).isIn(source.toString(), directory.toString());
        assertThat(directory).doesNotExist();
    }

    private interface Action {
        void run() throws IOException;
    }

    private static ProblemException assertProblem(Kind kind, Action action) {
        var problem = catchThrowableOfType(ProblemException.class, action::run);
        assertThat(problem).isNotNull();
        assertThat(problem.kind()).as(problem.getMessage()).isEqualTo(kind);
        return problem;
    }

    private static void assertOnlyTheImageIsIn(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("disk.raw", "disk.tree", "manifest.properties");
        }
    }

    private ImportedImage importTo(Path target, Path source, ImageFormat format)
            throws IOException {
        return importer.importImage(source, format, target, _ -> {});
    }

    private static void append(Path file) {
        try {
            Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path sparseImage(String name, long size) throws IOException {
        Path raw = scratch.resolve(name);
        var random = new Random(size);
        byte[] block = new byte[100_000];
        try (var file = new RandomAccessFile(raw.toFile(), "rw")) {
            file.setLength(size);
            for (long at = 12_345; at + block.length < size; at += 900_000) {
                random.nextBytes(block);
                file.seek(at);
                file.write(block);
            }
        }
        return raw;
    }
}
