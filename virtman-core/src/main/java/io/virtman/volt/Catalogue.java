package io.virtman.volt;

import io.virtman.block.ImageDigest;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The images: a copy in memory, so that joins need no database, written through to the store. The
 * store decides between two writers; no lock is held while it works.
 */
final class Catalogue {
    private static final int LONGEST_REASON = 1000;
    private static final Pattern DIGEST =
            Pattern.compile("[0-9a-f]{" + 2 * ImageDigest.BYTES + "}");
    private static final Pattern ID =
            Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private static final int LONGEST_WAIT_SECONDS = 10;

    private final CatalogueStore store;
    private final InstantSource clock;
    private final Map<String, ImageRecord> byId = new ConcurrentHashMap<>();
    private final Map<String, String> idByName = new ConcurrentHashMap<>();

    /** Held during a write, database included; reading takes no lock. */
    private final ReentrantLock writes = new ReentrantLock();

    /** Whether the store may have what memory lacks; guarded by {@link #writes}. */
    private boolean doubtful;

    Catalogue(CatalogueStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
        store.images().forEach(this::keep);
    }

    ImageRecord add(String name, String origin, String format) {
        Names.require("name", name);
        Names.require("origin", origin);
        Names.require("format", format);
        if (ID.matcher(name).matches()) {
            throw new ProblemException(
                    Kind.INVALID, "name", "'" + name + "' looks like an id", "choose a name");
        }
        ImageRecord image =
                new ImageRecord(
                        UUID.randomUUID().toString(),
                        name,
                        ImageState.IMPORTING,
                        0,
                        null,
                        origin,
                        format,
                        clock.instant().truncatedTo(ChronoUnit.MILLIS),
                        null);
        return write(() -> insert(image));
    }

    private ImageRecord insert(ImageRecord image) {
        boolean taken = idByName.containsKey(image.name());
        doubtful = !taken;
        if (taken || !store.insert(image)) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "name",
                    "an image named '" + image.name() + "' exists",
                    "choose another name or remove that image");
        }
        keep(image);
        return image;
    }

    ImageRecord describe(String image, long size) {
        requireSize(size);
        ImageRecord found = find(image);
        return write(() -> {
            ImageRecord current = find(found.id());
            if (current.state() != ImageState.IMPORTING || current.size() > 0) {
                return requireSameSize(current, size);
            }
            doubtful = true;
            ImageRecord described = current.described(size);
            if (!store.finish(described)) {
                reload();
                return requireSameSize(find(current.id()), size);
            }
            keep(described);
            return described;
        });
    }

    private static ImageRecord requireSameSize(ImageRecord current, long size) {
        if (current.state() == ImageState.IMPORTING && current.size() == size) {
            return current;
        }
        throw new ProblemException(
                Kind.CONFLICT,
                "image",
                "'" + current.name() + "' is a disk of another size, sealed or failed",
                "add it again under another name");
    }

    private static void requireSize(long size) {
        if (size < 1) {
            throw new ProblemException(
                    Kind.INVALID, "size", size + " is no size", "give 1 byte or more");
        }
    }

    ImageRecord seal(String image, String digest, long size) {
        if (!DIGEST.matcher(digest).matches()) {
            throw new ProblemException(
                    Kind.INVALID,
                    "digest",
                    "not a digest",
                    "give 64 hexadecimal digits in lower case");
        }
        requireSize(size);
        ImageRecord found = find(image);
        if (found.size() > 0) {
            requireDescribed(found, size);
        }
        return write(() -> finish(find(found.id()), found.sealed(digest, size)));
    }

    /** Members rely on the size they were told. */
    private static void requireDescribed(ImageRecord found, long size) {
        if (found.state() == ImageState.IMPORTING && found.size() != size) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "size",
                    "'" + found.name() + "' was said to have " + found.size() + " bytes",
                    "add it again under another name");
        }
    }

    ImageRecord fail(String image, String reason) {
        ImageRecord found = find(image);
        return write(() ->
                finish(find(found.id()), found.failed(Text.printable(reason, LONGEST_REASON))));
    }

    void remove(ImageRecord image) {
        write(() -> {
            doubtful = true;
            store.deleteImage(image.id());
            idByName.remove(image.name(), image.id());
            return byId.remove(image.id());
        });
    }

    ImageRecord find(String image) {
        Names.require("image", image);
        ImageRecord found = lookUp(image);
        if (found == null) {
            throw new ProblemException(
                    Kind.NOT_FOUND,
                    "image",
                    "no image has the id or name '" + image + "'",
                    "list the images");
        }
        return found;
    }

    @Nullable ImageRecord byId(String id) {
        return byId.get(id);
    }

    int size() {
        return byId.size();
    }

    List<ImageRecord> list() {
        return byId.values().stream().sorted(Comparator.comparing(ImageRecord::name)).toList();
    }

    private @Nullable ImageRecord lookUp(String image) {
        ImageRecord found = byId.get(image);
        if (found == null) {
            String id = idByName.get(image);
            found = id == null ? null : byId.get(id);
        }
        return found;
    }

    private ImageRecord finish(ImageRecord current, ImageRecord finished) {
        if (current.state() == ImageState.IMPORTING) {
            doubtful = true;
            if (store.finish(finished)) {
                keep(finished);
                return finished;
            }
            reload();
            return finish(find(current.id()), finished);
        }
        if (isSameEnd(current, finished)) {
            return current;
        }
        String state = current.state() == ImageState.SEALED ? "sealed" : "failed";
        throw new ProblemException(
                Kind.CONFLICT,
                "image",
                "'" + current.name() + "' is already " + state + ", differently",
                "add it again under another name");
    }

    private static boolean isSameEnd(ImageRecord one, ImageRecord other) {
        return one.state() == other.state()
                && one.size() == other.size()
                && Objects.equals(one.digest(), other.digest())
                && Objects.equals(one.failure(), other.failure());
    }

    /** Does one write at a time; a failed one leaves memory to be read anew before the next. */
    private <T> T write(Supplier<T> change) {
        if (!tryLock()) {
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "database",
                    "writes to the catalogue are waiting for the database",
                    "look after the database, then try again");
        }
        try {
            if (doubtful) {
                reload();
            }
            T result = change.get();
            doubtful = false;
            return result;
        } finally {
            writes.unlock();
        }
    }

    private boolean tryLock() {
        try {
            return writes.tryLock(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void reload() {
        List<ImageRecord> images = store.images();
        Map<String, ImageRecord> stored =
                images.stream().collect(Collectors.toMap(ImageRecord::id, image -> image));
        byId.keySet().retainAll(stored.keySet());
        idByName.values().retainAll(stored.keySet());
        images.forEach(this::keep);
    }

    private void keep(ImageRecord image) {
        byId.put(image.id(), image);
        idByName.put(image.name(), image.id());
    }
}
