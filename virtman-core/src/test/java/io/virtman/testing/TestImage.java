package io.virtman.testing;

import io.virtman.block.BlockSource;
import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.image.HashTreeBuilder;
import io.virtman.image.ImportedImage;
import io.virtman.image.SealedImageSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;

/**
 * A sealed image whose every byte is known to the test.
 *
 * @param content the disk
 * @param whole [disk padded | tree]: what an honest sender serves
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TestImage(SealedImage sealed, byte[] content, byte[] whole, ImportedImage files) {
    /** Stands in until a test has made its own. */
    public static final TestImage NONE = none();

    private static final int BLOCK = 4096;

    private static TestImage none() {
        SealedImage sealed = new SealedImage(ImageDigest.of(new byte[ImageDigest.BYTES]), 1);
        Path nowhere = Path.of("");
        return new TestImage(
                sealed, new byte[1], new byte[1], new ImportedImage(nowhere, nowhere, sealed));
    }

    /** Seals {@code content}; the files are made in {@code directory}. */
    public static TestImage of(Path directory, byte[] content) throws IOException {
        Files.createDirectories(directory);
        Path raw = Files.write(directory.resolve("disk.raw"), content);
        Path tree = directory.resolve("disk.tree");
        ImageDigest digest;
        try (FileChannel pages =
                FileChannel.open(tree, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            digest = HashTreeBuilder.build(new MemoryBlockSource(content), pages, _ -> {});
        }
        try (BlockSource source =
                new SealedImageSource(
                        new MemoryBlockSource(content),
                        new MemoryBlockSource(Files.readAllBytes(tree)))) {
            ByteBuffer whole = ByteBuffer.allocate((int) source.size());
            source.read(0, whole);
            SealedImage sealed = new SealedImage(digest, content.length);
            Files.writeString(directory.resolve("digest"), digest.hex());
            return new TestImage(
                    sealed, content, whole.array(), new ImportedImage(raw, tree, sealed));
        }
    }

    /** Random content with no zero block, the same for the same seed. */
    public static TestImage random(Path directory, int size, long seed) throws IOException {
        byte[] content = new byte[size];
        new Random(seed).nextBytes(content);
        return of(directory, content);
    }

    /** Random content in which runs of blocks are zero, from one block to several MiB. */
    public static TestImage sparse(Path directory, int size, long seed) throws IOException {
        byte[] content = new byte[size];
        Random random = new Random(seed);
        random.nextBytes(content);
        for (int at = 0; at < size; ) {
            int data = (1 + random.nextInt(40)) * BLOCK;
            int hole = (1 + random.nextInt(random.nextInt(4) == 0 ? 400 : 20)) * BLOCK;
            int from = Math.min(size, at + data);
            Arrays.fill(content, from, Math.min(size, from + hole), (byte) 0);
            at = from + hole;
        }
        return of(directory, content);
    }

    /** The truth about a range of the whole. */
    public byte[] bytes(long offset, int length) {
        return Arrays.copyOfRange(whole, (int) offset, (int) offset + length);
    }

    /** An honest sender. */
    public MemoryBlockSource source() {
        return new MemoryBlockSource(whole);
    }
}
