package io.virtman.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.virtman.block.ImageDigest;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.testing.MemoryBlockSource;
import io.virtman.testkit.Programs;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HashTreeBuilderTest {
    private static final int MIB = 1 << 20;

    @TempDir Path directory;

    /** Data that begins at every {@code stride}, the rest holes; veritysetup reads it all. */
    @ParameterizedTest
    @CsvSource({
        "4096, 4096", // one block: no tree
        "8192, 4096",
        "524288, 65536",
        "528384, 4096",
        "3145728, 2097152", // a whole unit of zeroes in the middle
        "69206016, 67108864", // three levels, whole pages of level 1 over zeroes
        "202375168, 134217728",
        "1048576, 1073741824" // nothing but zeroes
    })
    void theTreeIsThatOfVeritysetup(long size, long stride) throws Exception {
        Path raw = directory.resolve("raw");
        try (var file = new RandomAccessFile(raw.toFile(), "rw")) {
            file.setLength(size);
            var random = new Random(size);
            byte[] block = new byte[4096];
            if (stride < 1 << 30) {
                for (long at = 0; at < size; at += stride) {
                    random.nextBytes(block);
                    file.seek(at);
                    file.write(block);
                }
            }
        }
        Path expectedTree = directory.resolve("expected");
        ImageDigest expected = veritysetup(raw, expectedTree);
        Path tree = directory.resolve("tree");
        assertThat(build(raw, tree)).isEqualTo(expected);
        try (var whole = open(raw, tree)) {
            assertThat(whole.size()).isEqualTo(size + Files.size(expectedTree));
            ByteBuffer served = ByteBuffer.allocate(Math.toIntExact(whole.size() - size));
            whole.read(size, served);
            assertThat(served.array()).isEqualTo(Files.readAllBytes(expectedTree));
        }
    }

    @Test
    void aTerabyteOfHolesCostsNextToNothing() throws Exception {
        Path raw = directory.resolve("raw");
        try (var file = new RandomAccessFile(raw.toFile(), "rw")) {
            file.setLength(1L << 40);
            file.seek((1L << 39) + 12_345);
            file.write(1);
        }
        Path tree = directory.resolve("tree");
        assertTimeout(Duration.ofSeconds(20), () -> build(raw, tree));
        assertThat(Files.size(tree)).isEqualTo(new HashTreeLayout(1L << 40).treeSize());
        assertThat(allocated(tree)).isLessThan(MIB);
    }

    @Test
    void aPartialBlockCountsAsPadded() throws Exception {
        byte[] content = new byte[600_001];
        new Random(1).nextBytes(content);
        Path raw = Files.write(directory.resolve("raw"), content);
        Path padded = Files.write(directory.resolve("padded"), content);
        try (var channel = FileChannel.open(padded, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), 4096 * 147 - 1);
        }
        ImageDigest digest = build(raw, directory.resolve("tree"));
        assertThat(digest).isEqualTo(veritysetup(padded, directory.resolve("expected")));
        try (var whole = open(raw, directory.resolve("tree"))) {
            ByteBuffer tail = ByteBuffer.allocate(4096);
            whole.read(4096 * 146, tail);
            assertThat(tail.array()).endsWith(new byte[4096 * 147 - 600_001]);
            assertThat(whole.extent(600_001, 100_000).hole()).isTrue();
            assertThat(whole.extent(600_001, 100_000).end()).isEqualTo(4096 * 147);
            assertThat(whole.extent(4096 * 147, 100).hole()).isFalse();
        }
    }

    @Test
    void progressGrowsToTheSize() throws Exception {
        Path raw = Files.write(directory.resolve("raw"), new byte[40 * MIB + 1]);
        List<Long> told = new ArrayList<>();
        try (var source = FileImageSource.open(raw);
                var tree = create(directory.resolve("tree"))) {
            HashTreeBuilder.build(source, tree, told::add);
        }
        assertThat(told).isSorted().hasSizeGreaterThan(2).endsWith(40L * MIB + 1);
    }

    @Test
    void anInterruptEndsIt() throws Exception {
        var source = MemoryBlockSource.random(8 * MIB, 1);
        try (var tree = create(directory.resolve("tree"))) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> HashTreeBuilder.build(source, tree, _ -> {}))
                    .isInstanceOf(IOException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aTreeOfAnotherSizeIsRefused() {
        assertThatThrownBy(() ->
                        new SealedImageSource(
                                MemoryBlockSource.random(8192, 1),
                                MemoryBlockSource.random(8192, 1)))
                .hasMessageContaining("does not belong");
    }

    private static ImageDigest build(Path raw, Path tree) throws Exception {
        try (var source = FileImageSource.open(raw);
                var channel = create(tree)) {
            return HashTreeBuilder.build(source, channel, _ -> {});
        }
    }

    private static FileChannel create(Path tree) throws Exception {
        return FileChannel.open(tree, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private static SealedImageSource open(Path raw, Path tree) throws Exception {
        return new SealedImageSource(FileImageSource.open(raw), FileImageSource.open(tree));
    }

    private static long allocated(Path file) throws Exception {
        var output =
                new ProcessCommandRunner()
                        .run(List.of("stat", "-c", "%b", file.toString()), Duration.ofSeconds(10));
        return Long.parseLong(output.standardOutput().strip()) * 512;
    }

    private static ImageDigest veritysetup(Path raw, Path tree) throws Exception {
        Files.createFile(tree);
        var output =
                new ProcessCommandRunner()
                        .run(
                                List.of(
                                        Programs.require("veritysetup"),
                                        "format",
                                        "--no-superblock",
                                        "--salt=-",
                                        "--hash=sha256",
                                        "--data-block-size=4096",
                                        "--hash-block-size=4096",
                                        "--data-blocks=" + Files.size(raw) / 4096,
                                        raw.toString(),
                                        tree.toString()),
                                Duration.ofSeconds(60));
        var matcher =
                Pattern.compile("Root hash:\\s*([0-9a-f]{64})").matcher(output.standardOutput());
        assertThat(matcher.find()).as(output.standardOutput()).isTrue();
        return new ImageDigest(matcher.group(1));
    }
}
