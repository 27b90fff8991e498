package io.virtman.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The node's journal: one small JSON file per thing, replaced atomically and durable when {@link
 * #put} returns, so that a crash leaves the old record or the new one. A change that fails leaves
 * what was there before. Read once at the start, then kept in memory. Safe for many threads, one
 * writer per key at a time.
 *
 * @param <T> a record Jackson can write and read
 */
final class RecordStore<T> {
    private static final Logger LOGGER = System.getLogger(RecordStore.class.getName());
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String SUFFIX = ".json";
    private static final String HALF = ".new";

    private final Path directory;
    private final Map<String, T> records = new TreeMap<>();

    RecordStore(Path directory, Class<T> type) throws IOException {
        this.directory = Files.createDirectories(directory);
        try (DirectoryStream<Path> halves = Files.newDirectoryStream(directory, ".*" + HALF)) {
            for (Path half : halves) {
                Files.delete(half); // a crash while it was written
            }
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                read(file, type)
                        .ifPresent(value ->
                                records.put(
                                        name.substring(0, name.length() - SUFFIX.length()), value));
            }
        }
    }

    /**
     * A record that can't be read is set aside and reported: it must not keep the others from being
     * served.
     */
    private static <T> Optional<T> read(Path file, Class<T> type) throws IOException {
        String reason;
        try {
            T value = JSON.readValue(file.toFile(), type);
            String missing = missing(value);
            if (missing == null) {
                return Optional.of(value);
            }
            reason = missing + " is missing";
        } catch (JsonProcessingException e) {
            reason = e.getOriginalMessage();
        }
        Path aside = file.resolveSibling(file.getFileName() + ".unreadable");
        Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
        LOGGER.log(
                Level.ERROR,
                "{0} is not readable and was set aside as {1}: {2}",
                file,
                aside,
                reason);
        return Optional.empty();
    }

    /** The first component that is null though it may not be; Jackson does not look. */
    private static @Nullable String missing(@Nullable Object value) {
        if (value == null) {
            return "all";
        }
        if (value instanceof Record) {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                boolean optional = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
                @Nullable Object part = part(value, component);
                if (part == null ? !optional : missing(part) != null) {
                    return component.getName();
                }
            }
        }
        return null;
    }

    private static @Nullable Object part(Object value, RecordComponent component) {
        try {
            return component.getAccessor().invoke(value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component.toString(), e);
        }
    }

    synchronized Optional<T> get(String key) {
        return Optional.ofNullable(records.get(key));
    }

    synchronized List<T> all() {
        return new ArrayList<>(records.values());
    }

    /**
     * Writes a record.
     *
     * @throws IOException for example when the disk is full; it names the record
     */
    void put(String key, T value) throws IOException {
        Path half = directory.resolve("." + key + HALF);
        try {
            write(half, JSON.writeValueAsBytes(value));
            Files.move(
                    half,
                    file(key),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            syncDirectory();
        } catch (IOException e) {
            IOException named =
                    new IOException("the record of " + key + " can't be written: " + e, e);
            try {
                Files.deleteIfExists(half);
            } catch (IOException further) {
                named.addSuppressed(further);
            }
            throw named;
        }
        synchronized (this) {
            records.put(key, value);
        }
    }

    private static void write(Path path, byte[] content) throws IOException {
        try (FileChannel file =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
    }

    /** Removes a record; does nothing when there is none. */
    void remove(String key) throws IOException {
        try {
            Files.deleteIfExists(file(key));
            syncDirectory();
        } catch (IOException e) {
            throw new IOException("the record of " + key + " can't be removed: " + e, e);
        }
        synchronized (this) {
            records.remove(key);
        }
    }

    private Path file(String key) {
        return directory.resolve(key + SUFFIX);
    }

    private void syncDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
