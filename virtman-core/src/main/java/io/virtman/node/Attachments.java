package io.virtman.node;

import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.image.ImportedImage;
import io.virtman.nbd.NbdUri;
import io.virtman.peer.Parent;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.stack.AttachRequest;
import io.virtman.stack.AttachedImage;
import io.virtman.stack.PeerExportName;
import io.virtman.stack.StorageStack;
import io.virtman.volt.AttachmentReport;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ImageState;
import io.virtman.volt.NodeAddress;
import io.virtman.volt.ParentEntry;
import io.virtman.volt.ParentList;
import io.virtman.volt.VoltApi;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The images attached on this node. Attaching is done once however many VMs ask at the same time;
 * different images never wait for each other. Safe for many threads.
 */
final class Attachments implements Closeable {
    /** An attached image with what is remembered of it. */
    record Attached(AttachmentRecord record, AttachedImage image) {}

    private final NodeAddress self;
    private final StorageStack stack;
    private final VoltApi volt;
    private final Sources sources;
    private final RecordStore<AttachmentRecord> journal;
    private final Map<String, Attached> attached = new ConcurrentHashMap<>();
    private final KeyedLocks locks = new KeyedLocks();

    Attachments(
            NodeAddress self,
            StorageStack stack,
            VoltApi volt,
            Sources sources,
            RecordStore<AttachmentRecord> journal) {
        this.self = self;
        this.stack = stack;
        this.volt = volt;
        this.sources = sources;
        this.journal = journal;
    }

    /**
     * Attaches again what was attached before the restart, with the parents last heard of: it asks
     * nobody.
     */
    void restore() throws IOException {
        for (AttachmentRecord record : journal.all()) {
            try (var _ = locks.lock(record.image())) {
                open(record);
            }
        }
    }

    /** The attached image with this id or name. */
    Optional<Attached> find(String image) {
        Attached byId = attached.get(image);
        return byId != null
                ? Optional.of(byId)
                : attached.values().stream()
                        .filter(one -> one.record().name().equals(image))
                        .findFirst();
    }

    /** Attaches an image unless it is attached. */
    Attached attach(ImageRecord image) throws IOException {
        try (var _ = locks.lock(image.id())) {
            Attached present = attached.get(image.id());
            return present != null ? present : open(join(image));
        }
    }

    /** Attaches an image whose source is here, so that others can be sent here for it. */
    void serve(String image, String name, SealedImage sealed) throws IOException {
        try (var _ = locks.lock(image)) {
            if (!attached.containsKey(image)) {
                ParentList origin = new ParentList(image, 0, 0, 0, 0, List.of());
                open(
                        new AttachmentRecord(
                                image, name, sealed.digest().hex(), sealed.size(), origin));
            }
        }
    }

    private AttachmentRecord join(ImageRecord image) {
        if (image.state() == ImageState.FAILED) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "image",
                    image.name() + " failed to import: " + image.failure(),
                    "remove it and add it again");
        }
        String digest = image.digest();
        if (image.state() != ImageState.SEALED || digest == null) {
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "image",
                    image.name() + " is still being imported",
                    "try again when it is sealed");
        }
        ParentList list = volt.join(image.id(), self);
        return new AttachmentRecord(image.id(), image.name(), digest, image.size(), list);
    }

    private Attached open(AttachmentRecord record) throws IOException {
        ParentList list = record.list();
        ImportedImage source = list.level() == 0 ? sources.open(record.image()) : null;
        journal.put(record.image(), record);
        AttachedImage image =
                stack.attach(
                        new AttachRequest(
                                record.image(),
                                record.sealed(),
                                source,
                                parents(record.digest(), list),
                                list.level()));
        Attached made = new Attached(record, image);
        attached.put(record.image(), made);
        return made;
    }

    private static List<Parent> parents(String digest, ParentList list) {
        List<Parent> parents = new ArrayList<>();
        for (ParentEntry entry : list.parents()) {
            String export = new PeerExportName(new ImageDigest(digest), list.level()).toString();
            parents.add(
                    new Parent(
                            entry.node(),
                            List.of(NbdUri.parse("nbd://" + entry.peer() + "/" + export))));
        }
        return parents;
    }

    /**
     * Takes a list from Volt unless a newer one is in force; lists of images not attached here are
     * ignored.
     */
    void update(ParentList list) {
        try (var _ = locks.lock(list.image())) {
            Attached present = attached.get(list.image());
            if (present == null || list.level() == 0 || !newer(list, present.record().list())) {
                return;
            }
            AttachmentRecord record = present.record().with(list);
            attached.put(list.image(), new Attached(record, present.image()));
            present.image().update(parents(record.digest(), list), list.level());
            journal.put(list.image(), record);
        }
    }

    private static boolean newer(ParentList list, ParentList than) {
        return Comparator.comparingLong(ParentList::term)
                        .thenComparingLong(ParentList::epoch)
                        .compare(list, than)
                > 0;
    }

    /** Detaches an image unless it is in use or has its source here. */
    void detach(String image, Predicate<String> inUse) throws IOException {
        try (var _ = locks.lock(image)) {
            Attached present = attached.get(image);
            if (present == null || present.record().list().level() == 0 || inUse.test(image)) {
                return;
            }
            close(present);
            volt.leave(image, self.name());
        }
    }

    /** Detaches an image whose source is here. */
    void withdraw(String image) throws IOException {
        try (var _ = locks.lock(image)) {
            Attached present = attached.get(image);
            if (present != null) {
                close(present);
            }
        }
    }

    private void close(Attached present) throws IOException {
        attached.remove(present.record().image());
        journal.remove(present.record().image());
        present.image().close();
    }

    List<Attached> all() {
        return attached.values().stream()
                .sorted(Comparator.comparing(one -> one.record().name()))
                .toList();
    }

    /** What Volt is told of the memberships. */
    List<AttachmentReport> reports() {
        List<AttachmentReport> reports = new ArrayList<>();
        for (Attached one : all()) {
            ParentList list = one.record().list();
            if (list.level() > 0) {
                var traffic = one.image().traffic();
                reports.add(
                        new AttachmentReport(
                                list.image(),
                                list.epoch(),
                                list.position(),
                                traffic.bytesInByParent(),
                                traffic.guestBytesOut(),
                                traffic.cachedBytes()));
            }
        }
        return reports;
    }

    /** Stops serving; everything is attached again at the next start. */
    @Override
    public void close() throws IOException {
        for (Attached one : all()) {
            attached.remove(one.record().image());
            one.image().close();
        }
    }
}
