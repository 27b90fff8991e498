package io.virtman.node;

import io.virtman.block.SealedImage;
import io.virtman.image.ImportedImage;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.stack.AttachRequest;
import io.virtman.stack.AttachedImage;
import io.virtman.stack.ParentHost;
import io.virtman.stack.StorageStack;
import io.virtman.volt.NodeAddress;
import io.virtman.volt.ParentList;
import io.virtman.volt.VoltApi;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The images attached on this node. Attaching is done once however many VMs ask at the same time;
 * different images never wait for each other. A VM's lock, if any, is taken before an image's, and
 * nothing is locked after that. Safe for many threads.
 */
final class Attachments implements Closeable {
    private static final Logger LOGGER = System.getLogger(Attachments.class.getName());

    /** An attached image with what is remembered of it. */
    record Attached(AttachmentRecord record, AttachedImage image) {}

    private final NodeAddress self;
    private final Memberships memberships;
    private final StorageStack stack;
    private final VoltApi volt;
    private final Sources sources;
    private final LiveSources live;
    private final RecordStore<AttachmentRecord> journal;
    private final Map<String, Attached> attached = new ConcurrentHashMap<>();

    /** Images that could not be attached again after a restart. */
    private final Set<String> lost = ConcurrentHashMap.newKeySet();

    /** Why the imports of images attached here failed, by id. */
    private final Map<String, String> failed = new ConcurrentHashMap<>();

    /** Images in use here that the catalogue does not have. */
    private final Set<String> unknown = ConcurrentHashMap.newKeySet();

    private final KeyedLocks locks = new KeyedLocks();

    Attachments(
            NodeAddress self,
            StorageStack stack,
            VoltApi volt,
            Sources sources,
            LiveSources live,
            RecordStore<AttachmentRecord> journal) {
        this.self = self;
        this.memberships = new Memberships(self, volt);
        this.stack = stack;
        this.volt = volt;
        this.sources = sources;
        this.live = live;
        this.journal = journal;
    }

    /**
     * Attaches again what was attached before the restart, with the parents last heard of: it asks
     * nobody. One that fails does not keep the others from being served; see {@link #retry}.
     */
    void restore() {
        journal.all().forEach(record -> lost.add(record.image()));
        for (String image : Set.copyOf(lost)) {
            restore(image, Level.ERROR);
        }
    }

    /** Tries again what could not be restored. */
    void retry() {
        for (String image : Set.copyOf(lost)) {
            restore(image, Level.DEBUG);
        }
    }

    private void restore(String image, Level level) {
        try (var _ = locks.lock(image)) {
            Optional<AttachmentRecord> record = journal.get(image);
            if (record.isPresent() && !attached.containsKey(image)) {
                open(record.get());
            }
            lost.remove(image);
        } catch (IOException | RuntimeException e) {
            LOGGER.log(level, "image {0} is not attached; its guests wait: {1}", image, e);
        }
    }

    /** The attached image with this id or name. */
    Optional<Attached> find(String image) {
        Attached byId = attached.get(image);
        return byId != null
                ? Optional.of(byId)
                : attached.values().stream()
                        .filter(one -> one.record().name().equals(image))
                        .filter(one -> !unknown.contains(one.record().image()))
                        .findFirst();
    }

    /**
     * Attaches an image unless it is attached; Volt is asked only about one not attached before.
     *
     * @param image id
     */
    Attached attach(String image) throws IOException {
        try (var _ = locks.lock(image)) {
            Attached present = attached.get(image);
            if (present != null) {
                requireSound(present.record());
                return present;
            }
            Optional<AttachmentRecord> remembered = journal.get(image);
            return remembered.isPresent()
                    ? open(remembered.get())
                    : openNew(memberships.join(image));
        }
    }

    /** Attaches an image whose source is here, so that others can be sent here for it. */
    void serve(String image, String name, SealedImage sealed) throws IOException {
        serve(image, name, sealed.digest().hex(), sealed.size());
    }

    private void serve(String image, String name, @Nullable String digest, long size)
            throws IOException {
        try (var _ = locks.lock(image)) {
            if (!attached.containsKey(image)) {
                ParentList list = new ParentList(image, 0, 0, 0, 0, List.of());
                openNew(new AttachmentRecord(image, name, digest, size, list));
            }
        }
    }

    /**
     * Attaches an image whose source is here as far as it was fetched: this node vouches for what
     * it sends.
     */
    void serveUnsealed(String image, String name, long size) throws IOException {
        serve(image, name, null, size);
    }

    /** Goes on with the digest of an image that was attached before it was sealed. */
    void seal(String image, SealedImage sealed) throws IOException {
        try (var _ = locks.lock(image)) {
            Optional<AttachmentRecord> record = journal.get(image);
            if (record.isEmpty() || record.get().isSealed()) {
                return;
            }
            boolean origin = record.get().list().level() == 0;
            Attached present = attached.get(image);
            if (present != null) {
                present.image().seal(sealed, origin ? sources.open(image) : null);
                attached.put(image, new Attached(present.record().sealed(sealed), present.image()));
            }
            journal.put(image, record.get().sealed(sealed));
        }
    }

    /** Fails the reads of an image whose import failed while it was attached. */
    void fail(String image, String reason) {
        Attached present = attached.get(image);
        if (present != null && !present.record().isSealed()) {
            present.image().fail(reason);
            failed.put(image, reason);
        }
    }

    private void requireSound(AttachmentRecord record) {
        String reason = failed.get(record.image());
        if (reason != null) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "image",
                    record.name() + " failed to import: " + reason,
                    "destroy its VMs, remove it and add it again");
        }
    }

    private Attached openNew(AttachmentRecord record) throws IOException {
        try {
            journal.put(record.image(), record);
            return open(record);
        } catch (IOException | RuntimeException e) {
            try {
                journal.remove(record.image());
            } catch (IOException further) {
                e.addSuppressed(further); // nobody uses it: the next start detaches it
            }
            memberships.leave(record);
            throw e;
        }
    }

    private Attached open(AttachmentRecord record) throws IOException {
        ParentList list = record.list();
        boolean origin = list.level() == 0;
        boolean sealed = record.isSealed();
        ImportedImage source = origin && sealed ? sources.open(record.image()) : null;
        AttachedImage image =
                stack.attach(
                        new AttachRequest(
                                record.image(),
                                record.content(),
                                sealed,
                                source,
                                origin && !sealed ? live.open(record.image()) : null,
                                ParentLists.hosts(list),
                                list.level()));
        Attached made = new Attached(record, image);
        attached.put(record.image(), made);
        lost.remove(record.image());
        return made;
    }

    /**
     * Takes a list from Volt unless a newer one is in force; lists of images not attached here, or
     * whose source is here, are ignored.
     *
     * @throws ProblemException INVALID for a list that no member can have; nothing changes then
     */
    void update(ParentList list) {
        Names.require("image", list.image());
        try (var _ = locks.lock(list.image())) {
            Attached present = attached.get(list.image());
            if (present == null
                    || present.record().list().level() == 0
                    || list.level() == 0
                    || !ParentLists.newer(list, present.record().list())) {
                return;
            }
            ParentLists.requireSound(list);
            AttachmentRecord record = present.record().with(list);
            List<ParentHost> parents = ParentLists.hosts(list);
            present.image().update(parents, list.level());
            remember(record);
            attached.put(list.image(), new Attached(record, present.image()));
        }
    }

    /** Reads go on with the new list in any case; a restart would only begin with an older one. */
    private void remember(AttachmentRecord record) {
        try {
            journal.put(record.image(), record);
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, "parents of image {0}: {1}", record.image(), e.getMessage());
        }
    }

    /** Takes note of images the catalogue does not have: they go unless VMs here use them. */
    void disown(Collection<String> images, Predicate<String> inUse) {
        unknown.retainAll(images);
        for (String image : images) {
            if (unknown.add(image)) {
                LOGGER.log(
                        Level.WARNING,
                        "image {0} is attached here but not in Volt''s catalogue; it is detached with its last VM",
                        image);
            }
            detach(image, inUse);
        }
    }

    /** Detaches what nobody uses. */
    void detachUnused(Predicate<String> inUse) {
        journal.all().forEach(record -> detach(record.image(), inUse));
    }

    /**
     * Detaches an image unless it is in use or has its source here. Failing costs nothing but a
     * message: what is left is detached at the next start.
     */
    void detach(String image, Predicate<String> inUse) {
        try (var _ = locks.lock(image)) {
            Optional<AttachmentRecord> record = journal.get(image);
            if (record.isEmpty() || record.get().list().level() == 0 || inUse.test(image)) {
                return;
            }
            close(image);
            memberships.leave(record.get());
        } catch (IOException | RuntimeException e) {
            LOGGER.log(Level.WARNING, "image {0} is not all detached: {1}", image, e);
        }
    }

    /**
     * Removes an image whose source is here from the catalogue, and then its files.
     *
     * @throws ProblemException CONFLICT while it is in use, here or elsewhere
     */
    void removeImage(String image, Predicate<String> inUse) throws IOException {
        try (var _ = locks.lock(image)) {
            requireUnused(image, inUse);
            // Volt first: it refuses while others read from here, and closes it to newcomers
            if (inCatalogue(image)) {
                volt.remove(image);
            }
            deleteSource(image);
        }
    }

    /**
     * Deletes the files of an image whose source is here, and leaves the catalogue alone.
     *
     * @throws ProblemException CONFLICT while it is in use here
     */
    void removeSource(String image, Predicate<String> inUse) throws IOException {
        try (var _ = locks.lock(image)) {
            requireUnused(image, inUse);
            deleteSource(image);
        }
    }

    private void requireUnused(String image, Predicate<String> inUse) {
        if (inUse.test(image)) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "image",
                    image + " has VMs on " + self.name(),
                    "destroy them first");
        }
    }

    private void deleteSource(String image) throws IOException {
        Attached present = attached.get(image);
        if (present != null && present.record().list().level() > 0) {
            return; // it comes from elsewhere
        }
        close(image);
        sources.remove(image);
    }

    private boolean inCatalogue(String image) {
        try {
            volt.image(image);
            return true;
        } catch (ProblemException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return false; // it was removed before, and its files were not
            }
            throw e;
        }
    }

    private void close(String image) throws IOException {
        @Nullable Attached present = attached.remove(image);
        lost.remove(image);
        unknown.remove(image);
        failed.remove(image);
        try {
            journal.remove(image);
        } finally {
            if (present != null) {
                present.image().close();
            }
        }
    }

    List<Attached> all() {
        return attached.values().stream()
                .sorted(Comparator.comparing(one -> one.record().name()))
                .toList();
    }

    /** Stops serving; everything is attached again at the next start. */
    @Override
    public void close() {
        for (Attached one : all()) {
            attached.remove(one.record().image());
            try {
                one.image().close();
            } catch (IOException | RuntimeException e) {
                LOGGER.log(Level.WARNING, "image {0}: {1}", one.record().image(), e);
            }
        }
    }
}
