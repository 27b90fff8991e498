package io.virtman.image;

import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A sealed image in a directory of its own: the disk, its hash tree and, written last, a manifest.
 * Without manifest there is no image.
 *
 * @param raw the disk's bytes; sparse, read-only by agreement
 * @param tree the hash tree without pages over zeroes
 * @param sealed digest and size
 */
public record ImportedImage(Path raw, Path tree, SealedImage sealed) {
    static final String RAW = "disk.raw";
    static final String TREE = "disk.tree";
    static final String MANIFEST = "manifest.properties";

    private static final String VERSION = "1";
    private static final int MANIFEST_LIMIT = 4096;

    /**
     * The image imported into {@code directory} earlier. Checks sizes, not content.
     *
     * @throws ProblemException NOT_FOUND when there is none (an import that did not finish leaves
     *     none), FAILED when its files do not fit together
     */
    public static ImportedImage open(Path directory) throws IOException {
        Properties manifest = new Properties();
        try (InputStream stream = Files.newInputStream(directory.resolve(MANIFEST))) {
            byte[] bytes = stream.readNBytes(MANIFEST_LIMIT);
            manifest.load(new StringReader(new String(bytes, StandardCharsets.UTF_8)));
        } catch (NoSuchFileException e) {
            throw new ProblemException(
                    Kind.NOT_FOUND,
                    directory.toString(),
                    "holds no imported image",
                    "import the image again",
                    e);
        } catch (IllegalArgumentException e) {
            throw damaged(directory, "its manifest cannot be read", e);
        }
        if (!VERSION.equals(manifest.getProperty("version"))) {
            throw damaged(directory, "its manifest is of another version", null);
        }
        SealedImage sealed = sealed(directory, manifest);
        ImportedImage image =
                new ImportedImage(directory.resolve(RAW), directory.resolve(TREE), sealed);
        requireSize(directory, image.raw(), sealed.size());
        requireSize(directory, image.tree(), new HashTreeLayout(sealed.size()).treeSize());
        return image;
    }

    private static SealedImage sealed(Path directory, Properties manifest) {
        try {
            String digest = Objects.requireNonNullElse(manifest.getProperty("digest"), "");
            String size = Objects.requireNonNullElse(manifest.getProperty("size"), "");
            return new SealedImage(new ImageDigest(digest), Long.parseLong(size));
        } catch (IllegalArgumentException e) {
            throw damaged(directory, "its manifest cannot be read", e);
        }
    }

    private static void requireSize(Path directory, Path file, long size) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) != size) {
            throw damaged(
                    directory, file.getFileName() + " is not a file of " + size + " bytes", null);
        }
    }

    private static ProblemException damaged(
            Path directory, String detail, @Nullable Throwable cause) {
        return new ProblemException(
                Kind.FAILED,
                directory.toString(),
                detail,
                "remove the image and import it again",
                cause);
    }

    /** What {@link #open} reads. */
    static String manifest(SealedImage sealed) {
        return "version=%s%ndigest=%s%nsize=%d%n"
                .formatted(VERSION, sealed.digest(), sealed.size());
    }

    /** Data and tree, as an origin serves them to other hosts; the caller closes it. */
    public SealedImageSource openWhole() throws IOException {
        FileImageSource data = FileImageSource.open(raw);
        FileImageSource pages = null;
        try {
            pages = FileImageSource.open(tree);
            return new SealedImageSource(data, pages);
        } catch (IOException | RuntimeException e) {
            try (data) {
                if (pages != null) {
                    pages.close();
                }
            }
            throw e;
        }
    }
}
