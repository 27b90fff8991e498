package io.virtman.app.export;

import io.virtman.block.BlockSource;
import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.image.DataView;
import io.virtman.image.FileImageSource;
import io.virtman.image.ImageFormat;
import io.virtman.image.ImportedImage;
import io.virtman.image.PinnedFileSource;
import io.virtman.image.SealedImageSource;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An image file. A raw one is served in place and at once, its hash tree is made meanwhile; a qcow2
 * one is imported first. With the digest known it is announced, and children can verify.
 */
public final class ImageOffer implements Offer {
    private final ExportCatalogue catalogue;
    private final @Nullable ImageDigest digest;
    private final @Nullable Hashing hashing;

    private ImageOffer(
            ExportCatalogue catalogue, @Nullable ImageDigest digest, @Nullable Hashing hashing) {
        this.catalogue = catalogue;
        this.digest = digest;
        this.hashing = hashing;
    }

    /**
     * Opens an image file.
     *
     * @param work where an imported image and the hash tree are kept
     * @param resources takes over what is opened
     * @throws ProblemException when the file can't be an image
     */
    public static ImageOffer open(
            Path file, ImageFormat format, WorkDirectory work, Resources resources)
            throws IOException {
        return switch (format) {
            case RAW -> raw(file, work, resources);
            case QCOW2 -> imported(ImportStore.get(work, file, resources), resources);
        };
    }

    private static ImageOffer raw(Path file, WorkDirectory work, Resources resources)
            throws IOException {
        requireReadable(file);
        BlockSource disk =
                resources.add(
                        new ComplainingSource(new PinnedFileSource(FileImageSource.open(file))));
        if (disk.size() == 0) {
            throw invalid(file, "is empty", "name a file with a disk in it");
        }
        ScratchFile tree = resources.add(ScratchFile.create(work.path()));
        ExportCatalogue catalogue = new ExportCatalogue(disk);
        Hashing hashing =
                new Hashing(
                        file,
                        disk,
                        tree,
                        digest -> catalogue.seal(digest, new SealedImageSource(disk, tree)));
        return new ImageOffer(catalogue, null, resources.add(hashing));
    }

    private static ImageOffer imported(ImportedImage image, Resources resources)
            throws IOException {
        SealedImage sealed = image.sealed();
        SealedImageSource whole = resources.add(image.openWhole());
        ExportCatalogue catalogue = new ExportCatalogue(new DataView(whole, sealed.size()));
        catalogue.seal(sealed.digest(), whole);
        return new ImageOffer(catalogue, sealed.digest(), null);
    }

    private static void requireReadable(Path file) {
        if (!Files.exists(file)) {
            throw new ProblemException(
                    Kind.NOT_FOUND,
                    "--image " + file,
                    "does not exist",
                    "name an existing image file");
        }
        if (!Files.isRegularFile(file)) {
            throw invalid(
                    file, "is not a regular file", "copy its content into a file and name that");
        }
        if (!Files.isReadable(file)) {
            throw invalid(file, "can't be read", "give this user permission to read it");
        }
    }

    private static ProblemException invalid(Path file, String detail, String remedy) {
        return new ProblemException(Kind.INVALID, "--image " + file, detail, remedy);
    }

    @Override
    public ExportCatalogue catalogue() {
        return catalogue;
    }

    @Override
    public void listening(Consumer<String> output) {
        if (digest != null) {
            output.accept("digest " + digest);
        }
        if (hashing != null) {
            hashing.start(output);
        }
    }
}
