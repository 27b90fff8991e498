package io.virtman.node;

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
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The imported images this node is the origin of: one directory each, named by the image's id. */
final class Sources {
    private final Path directory;
    private final ImageImporter importer;

    Sources(Path directory, ImageImporter importer) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.importer = importer;
    }

    /** Imports; leaves nothing behind when it fails. */
    ImportedImage add(String image, Path source, ImageFormat format, LongConsumer progress)
            throws IOException {
        return importer.importImage(source, format, directory.resolve(image), progress);
    }

    boolean has(String image) {
        return Files.isDirectory(directory.resolve(image));
    }

    /** Ids of all images here. */
    List<String> ids() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(Files::isDirectory)
                    .map(entry -> entry.getFileName().toString())
                    .sorted()
                    .toList();
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

    void remove(String image) throws IOException {
        if (has(image)) {
            Files.walkFileTree(
                    directory.resolve(image),
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
}
