package io.virtman.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
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

/**
 * The node's journal: one small JSON file per thing, replaced atomically and durable when {@link
 * #put} returns, so that a crash leaves the old record or the new one. Read once at the start, then
 * kept in memory. Safe for many threads, one writer per key at a time.
 *
 * @param <T> a record Jackson can write and read
 */
final class RecordStore<T> {
    private static final Logger LOGGER = System.getLogger(RecordStore.class.getName());
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String SUFFIX = ".json";

    private final Path directory;
    private final Map<String, T> records = new TreeMap<>();

    RecordStore(Path directory, Class<T> type) throws IOException {
        this.directory = Files.createDirectories(directory);
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
        try {
            return Optional.of(JSON.readValue(file.toFile(), type));
        } catch (JsonProcessingException e) {
            Path aside = file.resolveSibling(file.getFileName() + ".unreadable");
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            LOGGER.log(
                    Level.ERROR,
                    "{0} is not readable and was set aside as {1}: {2}",
                    file,
                    aside,
                    e.getOriginalMessage());
            return Optional.empty();
        }
    }

    synchronized Optional<T> get(String key) {
        return Optional.ofNullable(records.get(key));
    }

    synchronized List<T> all() {
        return new ArrayList<>(records.values());
    }

    void put(String key, T value) {
        try {
            Path half = directory.resolve("." + key + ".new");
            try (FileChannel file =
                    FileChannel.open(
                            half,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(value));
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
                file.force(true);
            }
            Files.move(
                    half,
                    file(key),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            syncDirectory();
        } catch (IOException e) {
            throw new UncheckedIOException("the record of " + key + " can't be written", e);
        }
        synchronized (this) {
            records.put(key, value);
        }
    }

    void remove(String key) {
        try {
            Files.deleteIfExists(file(key));
            syncDirectory();
        } catch (IOException e) {
            throw new UncheckedIOException("the record of " + key + " can't be removed", e);
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
