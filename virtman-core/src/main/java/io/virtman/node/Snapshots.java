package io.virtman.node;

import io.virtman.block.PrivateFiles;
import io.virtman.image.ImportedImage;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.stack.AttachedImage;
import io.virtman.stack.StorageStack;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.VoltApi;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * New images of the disks of VMs. Only the layer is copied while its VM has to wait; then the copy
 * and the image under it become a raw disk, which is imported like any other. What a crash cuts
 * short fails: its copy is deleted here, the rest by {@link Imports}. Safe for many threads.
 */
final class Snapshots {
    private static final Logger LOGGER = System.getLogger(Snapshots.class.getName());
    private static final String FORMAT = "raw";

    private final Path copies;
    private final RecordStore<SnapshotRecord> journal;
    private final StorageStack stack;
    private final VoltApi volt;
    private final Attachments attachments;
    private final Sources sources;
    private final Imports imports;
    private final Consumer<String> released;

    /**
     * @param copies directory for layers that are being worked on, by this object alone
     * @param released told an image's id when no snapshot needs it any more
     */
    Snapshots(
            Path copies,
            RecordStore<SnapshotRecord> journal,
            StorageStack stack,
            VoltApi volt,
            Attachments attachments,
            Sources sources,
            Imports imports,
            Consumer<String> released)
            throws IOException {
        this.copies = PrivateFiles.directory(copies);
        this.journal = journal;
        this.stack = stack;
        this.volt = volt;
        this.attachments = attachments;
        this.sources = sources;
        this.imports = imports;
        this.released = released;
        try (DirectoryStream<Path> left = Files.newDirectoryStream(copies)) {
            for (Path copy : left) {
                Files.delete(copy); // a crash before it was used up
            }
        }
        for (SnapshotRecord record : journal.all()) {
            if (!record.done()) {
                finish(record);
            }
        }
    }

    /** Whether a snapshot that is being made needs this image. */
    boolean use(String image) {
        return journal.all().stream().anyMatch(one -> !one.done() && image.equals(one.base()));
    }

    /** The image that was made, or is being made, of a VM under this name. */
    Optional<ImageRecord> find(String vm, String name) throws IOException {
        for (SnapshotRecord record : journal.all()) {
            if (vm.equals(record.vm()) && name.equals(record.name())) {
                try {
                    return Optional.of(volt.image(record.image()));
                } catch (ProblemException e) {
                    if (e.kind() != Kind.NOT_FOUND) {
                        throw e;
                    }
                    remove(record.image());
                }
            }
        }
        return Optional.empty();
    }

    /** Begins an image of a VM's disk; its lock is held and nobody uses the disk. */
    ImageRecord begin(VmRecord vm, String name) {
        return imports.start(
                name,
                FORMAT,
                vm.size(),
                image -> {
                    Path copy = copies.resolve(image.id() + ".qcow2");
                    var record = new SnapshotRecord(image.id(), name, vm.name(), vm.image(), false);
                    Flattening work = new Flattening(record, copy, vm.name(), vm.size());
                    try {
                        stack.copyLayer(vm.name(), copy);
                        journal.put(image.id(), record);
                        return work;
                    } catch (IOException | RuntimeException e) {
                        work.close();
                        throw e;
                    }
                });
    }

    /** From a copied layer to a raw image. */
    private final class Flattening implements Imports.Work {
        private final SnapshotRecord record;
        private final Path copy;
        private final String vm;
        private final long size;

        Flattening(SnapshotRecord record, Path copy, String vm, long size) {
            this.record = record;
            this.copy = copy;
            this.vm = vm;
            this.size = size;
        }

        @Override
        public ImportedImage make(LongConsumer progress) throws IOException {
            String base = record.base();
            AttachedImage image = base == null ? null : attachments.attach(base).image();
            return sources.add(
                    record.image(),
                    "the disk of " + vm,
                    size,
                    raw -> stack.flattenLayer(copy, image, raw),
                    progress);
        }

        @Override
        public void close() {
            try {
                Files.deleteIfExists(copy);
            } catch (IOException e) {
                LOGGER.log(Level.WARNING, "{0} is left until the next start: {1}", copy, e);
            }
            Optional<SnapshotRecord> last = journal.get(record.image());
            if (last.isPresent()) {
                try {
                    finish(last.get());
                } catch (IOException e) {
                    LOGGER.log(Level.WARNING, "{0}", e.getMessage());
                }
            }
            String base = record.base();
            if (base != null) {
                released.accept(base);
            }
        }
    }

    private synchronized void finish(SnapshotRecord record) throws IOException {
        if (record.vm() == null) {
            journal.remove(record.image());
        } else {
            journal.put(record.image(), record.finished());
        }
    }

    /** A VM of this name is another one from now on. */
    synchronized void forget(String vm) throws IOException {
        for (SnapshotRecord record : journal.all()) {
            if (vm.equals(record.vm())) {
                if (record.done()) {
                    journal.remove(record.image());
                } else {
                    journal.put(record.image(), record.orphaned());
                }
            }
        }
    }

    /** An image is gone from the catalogue. */
    synchronized void remove(String image) throws IOException {
        Optional<SnapshotRecord> record = journal.get(image);
        if (record.isPresent() && record.get().done()) {
            journal.remove(image);
        }
    }
}
