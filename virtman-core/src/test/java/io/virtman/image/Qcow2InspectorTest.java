package io.virtman.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.virtman.block.FileBlockSource;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.testing.MemoryBlockSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A corpus of hostile and damaged images, made here. */
class Qcow2InspectorTest {
    private static final int EXTENSIONS = 112; // where qemu-img puts them

    @TempDir static Path templates;
    @TempDir Path scratch;

    private int created;

    @BeforeAll
    static void makeTemplate() throws IOException {
        QemuImages.img("create", "-q", "-f", "qcow2", template().toString(), "10M");
    }

    private static Path template() {
        return templates.resolve("plain.qcow2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "compat=0.10",
                "compat=1.1",
                "cluster_size=512",
                "cluster_size=2M",
                "compression_type=zstd",
                "extended_l2=on",
                "lazy_refcounts=on",
                "preallocation=metadata",
                "refcount_bits=64"
            })
    void ordinaryImagesPass(String option) throws Exception {
        assertThat(inspect(create("-o", option))).isEqualTo(10 << 20);
    }

    @Test
    void snapshotsAndBitmapsPass() throws Exception {
        Path image = create();
        QemuImages.img("snapshot", "-c", "one", image.toString());
        QemuImages.img("bitmap", "--add", image.toString(), "changes");
        assertThat(inspect(image)).isEqualTo(10 << 20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/etc/shadow",
                "json:{\"driver\":\"file\",\"filename\":\"/etc/shadow\"}",
                "nbd:192.0.2.1:10809",
                "nbd+unix:///?socket=/run/secret.sock",
                "rbd:pool/image",
                "/dev/sda"
            })
    void aBackingFileIsRefused(String backing) throws Exception {
        Path image = create("-u", "-b", backing, "-F", "raw");
        assertThat(refusal(image))
                .hasMessageContaining("backing file (" + backing)
                .hasMessageContaining("qemu-img convert");
    }

    @Test
    void aBackingFileWithoutItsFormatIsRefused() throws Exception {
        Path image = create("-o", "compat=0.10");
        QemuImages.patch(image, 1024, "/etc/passwd".getBytes(StandardCharsets.UTF_8));
        QemuImages.patchLong(image, 8, 1024);
        QemuImages.patchInt(image, 16, 11);
        assertThat(refusal(image)).hasMessageContaining("/etc/passwd");
        QemuImages.patchLong(image, 8, -1);
        assertThat(refusal(image)).hasMessageContaining("backing file");
        QemuImages.patchLong(image, 8, Long.MAX_VALUE - 3);
        assertThat(refusal(image)).hasMessageContaining("backing file");
    }

    @Test
    void aBackingNameCannotWriteToTheTerminal() throws Exception {
        Path image = create();
        QemuImages.patch(image, 1024, "\u001b[31m\nx".getBytes(StandardCharsets.UTF_8));
        QemuImages.patchLong(image, 8, 1024);
        QemuImages.patchInt(image, 16, 7);
        assertThat(refusal(image)).hasMessageNotContainingAny("\u001b", "\n");
    }

    @Test
    void anExternalDataFileIsRefused() throws Exception {
        Path image = create("-o", "data_file=" + scratch.resolve("data"));
        assertThat(refusal(image)).hasMessageContaining("another file");
        QemuImages.patchLong(image, 72, 0); // the name alone
        assertThat(refusal(image)).hasMessageContaining("another data file");
    }

    @Test
    void encryptionIsRefused() throws Exception {
        Path image =
                create(
                        "--object",
                        "secret,id=s,data=secret",
                        "-o",
                        "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10");
        assertThat(refusal(image)).hasMessageContaining("encrypted");
        QemuImages.patchInt(image, 32, 0);
        assertThat(refusal(image)).hasMessageContaining("encrypted");
        Path old = create();
        QemuImages.patchInt(old, 32, 1);
        assertThat(refusal(old)).hasMessageContaining("encrypted");
    }

    @ParameterizedTest
    @CsvSource({
        "0x1, check -r", // dirty
        "0x2, check -r", // corrupt
        "0x8, compression", // set without a type
        "0x20, features",
        "0x8000000000000000, features"
    })
    void incompatibleFeatures(String bits, String message) throws Exception {
        Path image = create();
        QemuImages.patchLong(image, 72, Long.parseUnsignedLong(bits.substring(2), 16));
        assertThat(refusal(image)).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 4, 1447904331, not a qcow2", // VMDK's magic
        "4, 4, 1, version",
        "4, 4, 4, version",
        "4, 4, -1, version",
        "20, 4, 8, cluster size",
        "20, 4, 22, cluster size",
        "20, 4, -1, cluster size",
        "24, 8, 0, virtual size",
        "24, 8, 511, virtual size",
        "24, 8, -512, virtual size",
        "24, 8, 9223372036854775296, virtual size",
        "24, 8, 1152921504606846976, L1 table",
        "36, 4, 0, L1 table",
        "36, 4, -1, L1 table",
        "36, 4, 4194304, L1 table",
        "40, 8, 0, L1 table",
        "40, 8, 1, L1 table",
        "40, 8, -65536, L1 table",
        "40, 8, 9223372036854710272, L1 table",
        "48, 8, 0, reference count table",
        "48, 8, 9223372036854710272, reference count table",
        "56, 4, 0, reference count table",
        "56, 4, -1, reference count table",
        "60, 4, 1, snapshot table",
        "60, 4, -1, snapshots",
        "96, 4, 7, reference counts",
        "96, 4, -1, reference counts",
        "100, 4, 96, header of",
        "100, 4, 105, header of",
        "100, 4, 2147483640, header of",
        "100, 4, -8, header of",
        "104, 4, 16777216, compression", // zstd without its feature bit
        "104, 4, 33554432, compression"
    })
    void absurdHeaders(int offset, int bytes, long value, String message) throws Exception {
        Path image = create();
        if (bytes == 4) {
            QemuImages.patchInt(image, offset, (int) value);
        } else {
            QemuImages.patchLong(image, offset, value);
        }
        assertThat(refusal(image)).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "0xe2792aca, 3, backing format",
        "0x44415441, 3, another data file",
        "0x0537be77, 16, encrypted",
        "0x12345678, 65536, does not end",
        "0x12345678, 4294967295, does not end"
    })
    void extensions(String type, long length, String message) throws Exception {
        Path image = create();
        QemuImages.patchInt(image, EXTENSIONS, Integer.parseUnsignedInt(type.substring(2), 16));
        QemuImages.patchInt(image, EXTENSIONS + 4, (int) length);
        assertThat(refusal(image)).hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "QFI\u00fb",
                "# Disk DescriptorFile\nversion=1\nRW 8192 FLAT \"/etc/shadow\" 0\n",
                "KDMV",
                "conectix"
            })
    void otherFormatsAreNoQcow2(String content) throws Exception {
        byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
        assertThat(refusal(Files.write(scratch.resolve("other"), bytes)))
                .hasMessageContaining("not a qcow2 image");
    }

    @Test
    void aMultiExtentVmdkIsNoQcow2() throws Exception {
        Path vmdk = scratch.resolve("disk.vmdk");
        QemuImages.img(
                "create",
                "-q",
                "-f",
                "vmdk",
                "-o",
                "subformat=twoGbMaxExtentFlat",
                vmdk.toString(),
                "10M");
        assertThat(refusal(vmdk)).hasMessageContaining("not a qcow2 image");
    }

    /** Any header at all ends in a size or a refusal, never in another error. */
    @Test
    void mutatedHeadersAreSafe() throws Exception {
        byte[] good = Files.readAllBytes(create());
        var random = new Random(20_240_601);
        for (int round = 0; round < 20_000; round++) {
            byte[] bad = good.clone();
            for (int change = random.nextInt(1, 6); change > 0; change--) {
                bad[random.nextInt(4, 160)] = (byte) random.nextInt();
            }
            try {
                long size = Qcow2Inspector.inspect("mutant", new MemoryBlockSource(bad));
                assertThat(size).isBetween(512L, HashTreeLayout.MAXIMUM_SIZE);
                ByteBuffer header = ByteBuffer.wrap(bad);
                assertThat(header.getLong(8)).as("backing file").isZero();
                assertThat(header.getInt(32)).as("encryption").isZero();
            } catch (ProblemException e) {
                assertThat(e.kind()).isEqualTo(Kind.INVALID);
            }
        }
    }

    private Path create(String... options) throws IOException {
        Path image = scratch.resolve("image" + created++ + ".qcow2");
        if (options.length == 0) {
            return Files.copy(template(), image);
        }
        List<String> arguments = new ArrayList<>(List.of("create", "-q", "-f", "qcow2"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of(image.toString(), "10M"));
        QemuImages.img(arguments.toArray(String[]::new));
        return image;
    }

    private static long inspect(Path image) throws IOException {
        try (var file = new FileBlockSource(image)) {
            return Qcow2Inspector.inspect(image.toString(), file);
        }
    }

    private static ProblemException refusal(Path image) {
        var problem = catchThrowableOfType(ProblemException.class, () -> inspect(image));
        assertThat(problem).as("refusal").isNotNull();
        assertThat(problem.kind()).isEqualTo(Kind.INVALID);
        assertThat(problem.field()).isEqualTo(image.toString());
        return problem;
    }
}
