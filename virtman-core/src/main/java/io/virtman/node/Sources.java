package io.virtman.node;

import io.virtman.block.PrivateFiles;
import io.virtman.image.ImageFormat;
import io.virtman.image.ImageImporter;
import io.virtman.image.ImportedImage;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The imported images this node is the origin of: one directory each, named by the image's id. */
final class Sources {
    private static final String REMOVED = ".removed-";

    private final Path directory;
    private final ImageImporter importer;

    Sources(Path directory, ImageImporter importer) throws IOException {
        this.directory = PrivateFiles.directory(directory);
        this.importer = importer;
        for (Path entry : entries()) {
            if (entry.getFileName().toString().startsWith(REMOVED)) {
                delete(entry); // a crash while it was deleted
            }
        }
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }

    /** Imports; leaves nothing behind when it fails. */
    ImportedImage add(String image, Path source, ImageFormat format, LongConsumer progress)
            throws IOException {
        return importer.importImage(source, format, directory.resolve(image), progress);
    }

    /** Makes an image of a disk of this host; leaves nothing behind when it fails. */
    ImportedImage add(
            String image,
            String name,
            long size,
            ImageImporter.Filler filler,
            LongConsumer progress)
            throws IOException {
        return importer.importDisk(name, size, filler, directory.resolve(image), progress);
    }

    /** Imports a private file whose content is vouched for; it is moved. */
    ImportedImage adopt(String image, Path file, String name, ImageFormat format)
            throws IOException {
        return importer.adopt(file, name, format, directory.resolve(image), _ -> {});
    }

    boolean has(String image) {
        return Files.isDirectory(directory.resolve(image));
    }

    /** Ids of all images here, whole or not. */
    List<String> ids() throws IOException {
        return entries().stream()
                .filter(Files::isDirectory)
                .map(entry -> entry.getFileName().toString())
                .filter(name -> !name.startsWith("."))
                .toList();
    }

    /** An image whose import was completed. */
    Optional<ImportedImage> find(String image) throws IOException {
        try {
            return has(image) ? Optional.of(open(image)) : Optional.empty();
        } catch (ProblemException e) {
            return Optional.empty();
        }
    }

    ImportedImage open(String image) throws IOException {
        if (!has(image)) {
            throw new ProblemException(
                    Kind.FAILED,
                    "image",
                    image + " has its origin here but no files in " + directory,
                    "remove it from the catalogue and add it again");
        }
        return ImportedImage.open(directory.resolve(image));
    }

    /** Deletes an image's files: at once all are there or none, whatever happens meanwhile. */
    void remove(String image) throws IOException {
        if (has(image)) {
            Path removed = directory.resolve(REMOVED + image);
            delete(removed);
            Files.move(directory.resolve(image), removed, StandardCopyOption.ATOMIC_MOVE);
            delete(removed);
        }
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        Files.walkFileTree(
                tree,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path entry, @Nullable IOException failure) throws IOException {
                        if (failure != null) {
                            throw failure;
                        }
                        Files.delete(entry);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
