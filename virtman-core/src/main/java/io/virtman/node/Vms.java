package io.virtman.node;

import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.stack.ReadFootprint;
import io.virtman.stack.StorageStack;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.VoltApi;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The VMs of this node: their states ({@link VmRecord}), layers and guests. What is promised is in
 * the journal before it is told, so that a crash leaves each VM whole or absent. A layer is deleted
 * only after its guest is gone, and never adopted by a VM it was not made for. Work on one VM is
 * serial under its lock; VMs are independent. Safe for many threads.
 */
final class Vms {
    private static final Logger LOGGER = System.getLogger(Vms.class.getName());
    private static final int SECTOR = 512;
    private static final long LARGEST_DISK = 1L << 46;

    private final String node;
    private final StorageStack stack;
    private final VoltApi volt;
    private final Attachments attachments;
    private final Guests guests;
    private final RecordStore<VmRecord> journal;
    private final KeyedLocks locks;

    /** What a VM needs to know of its image. */
    private record Image(String id, String name, long size) {}

    Vms(
            String node,
            StorageStack stack,
            VoltApi volt,
            Attachments attachments,
            Guests guests,
            RecordStore<VmRecord> journal,
            KeyedLocks locks) {
        this.node = node;
        this.stack = stack;
        this.volt = volt;
        this.attachments = attachments;
        this.guests = guests;
        this.journal = journal;
        this.locks = locks;
    }

    /**
     * Undoes what was half made and completes what was half destroyed. What fails keeps its state:
     * creating or destroying it again tries again.
     */
    void restore() {
        for (VmRecord vm : journal.all()) {
            if (vm.state() != VmRecord.State.READY) {
                try (var _ = locks.lock(vm.name())) {
                    remove(vm);
                } catch (IOException | RuntimeException e) {
                    LOGGER.log(Level.ERROR, "VM {0} is not all removed: {1}", vm.name(), e);
                }
            }
        }
        attachments.detachUnused(this::use);
        guests.restore();
    }

    VmView create(String vm, String image, @Nullable Long size) {
        Names.require("vm", vm);
        Names.require("image", image);
        try (var _ = locks.lock(vm)) {
            Optional<VmRecord> present = journal.get(vm);
            if (present.isPresent() && present.get().state() == VmRecord.State.READY) {
                return view(requireSame(present.get(), image, size));
            }
            if (present.isPresent()) {
                remove(present.get()); // an earlier call failed midway
            }
            requireNothing(vm);
            Image found = resolve(image);
            VmRecord record =
                    new VmRecord(
                            vm,
                            found.id(),
                            found.name(),
                            diskSize(size, found.size()),
                            VmRecord.State.CREATING);
            journal.put(vm, record);
            return view(make(record));
        } catch (IOException e) {
            throw HostFailure.of("vm", vm + " was not made", e);
        }
    }

    /** The image by what is attached here, also when Volt is away; else by the catalogue. */
    private Image resolve(String image) {
        return attachments
                .find(image)
                .map(Attachments.Attached::record)
                .map(known -> new Image(known.image(), known.name(), known.size()))
                .orElseGet(() -> {
                    var known = volt.image(image);
                    return new Image(known.id(), known.name(), sealed(known).size());
                });
    }

    /** Before it is sealed the catalogue does not know an image's size. */
    private static ImageRecord sealed(ImageRecord image) {
        return switch (image.state()) {
            case SEALED -> image;
            case IMPORTING ->
                    throw new ProblemException(
                            Kind.UNAVAILABLE,
                            "image",
                            image.name() + " is still being imported",
                            "try again when it is sealed");
            case FAILED ->
                    throw new ProblemException(
                            Kind.CONFLICT,
                            "image",
                            image.name() + " failed to import: " + image.failure(),
                            "remove it and add it again");
        };
    }

    /** A record that was lost must not make another VM's disk, or running guest, this one's. */
    private void requireNothing(String vm) throws IOException {
        Path layer = stack.layer(vm);
        if (Files.exists(layer) || guests.runs(vm)) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "vm",
                    "there is a disk or a guest of " + vm + " on this host, and no record of it",
                    "end the guest and move " + layer + " away, or choose another name");
        }
    }

    private VmRecord make(VmRecord record) throws IOException {
        try {
            Attachments.Attached attached = attachments.attach(record.image());
            stack.createLayer(record.name(), attached.image(), record.size());
            VmRecord ready = record.with(VmRecord.State.READY);
            journal.put(ready.name(), ready);
            return ready;
        } catch (IOException | RuntimeException e) {
            undo(record);
            throw e;
        }
    }

    private void undo(VmRecord record) {
        try {
            remove(record);
        } catch (IOException | RuntimeException e) {
            LOGGER.log(
                    Level.WARNING,
                    "half-made VM {0} is removed when it is created again or at the next start: {1}",
                    record.name(),
                    e);
        }
    }

    private static VmRecord requireSame(VmRecord present, String image, @Nullable Long size) {
        boolean sameImage = present.image().equals(image) || present.imageName().equals(image);
        if (sameImage && (size == null || size == present.size())) {
            return present;
        }
        throw new ProblemException(
                Kind.CONFLICT,
                "vm",
                present.name()
                        + " exists with image "
                        + present.imageName()
                        + " and "
                        + present.size()
                        + " bytes",
                "destroy it first or choose another name");
    }

    private static long diskSize(@Nullable Long size, long image) {
        long smallest = Math.ceilDiv(image, SECTOR) * SECTOR;
        if (size == null) {
            return smallest;
        }
        if (size < smallest || size > LARGEST_DISK || size % SECTOR != 0) {
            throw new ProblemException(
                    Kind.INVALID,
                    "size",
                    size + " bytes does not fit",
                    "give a multiple of 512 from "
                            + smallest
                            + " (the image's) to "
                            + LARGEST_DISK);
        }
        return size;
    }

    void destroy(String vm) {
        Names.require("vm", vm);
        try (var _ = locks.lock(vm)) {
            VmRecord record = require(vm).with(VmRecord.State.DESTROYING);
            journal.put(vm, record);
            remove(record);
        } catch (IOException e) {
            throw HostFailure.of("vm", vm + " is not destroyed; destroying it again goes on", e);
        }
    }

    /** Removes whatever there is of a VM, its record last; may be repeated. */
    private void remove(VmRecord record) throws IOException {
        guests.remove(record.name());
        stack.destroyLayer(record.name());
        journal.remove(record.name());
        attachments.detach(record.image(), this::use);
    }

    /** Whether VMs have this image. */
    boolean use(String image) {
        return journal.all().stream().anyMatch(vm -> vm.image().equals(image));
    }

    int count() {
        return journal.all().size();
    }

    List<VmView> list() {
        List<VmView> views = new ArrayList<>();
        journal.all().forEach(record -> views.add(view(record)));
        return views;
    }

    VmView get(String vm) {
        return view(require(vm));
    }

    private VmRecord require(String vm) {
        return journal.get(Names.require("vm", vm))
                .orElseThrow(() ->
                        new ProblemException(
                                Kind.NOT_FOUND,
                                "vm",
                                "there is no VM " + vm + " on node " + node,
                                "see 'virtman list'"));
    }

    private VmView view(VmRecord record) {
        ReadFootprint.Size footprint =
                attachments
                        .find(record.image())
                        .map(attached -> attached.image().footprint(record.name()))
                        .orElse(ReadFootprint.Size.NONE);
        try {
            return new VmView(
                    record.name(),
                    node,
                    record.image(),
                    record.imageName(),
                    record.size(),
                    record.state(),
                    stack.layer(record.name()).toString(),
                    guests.view(record.name()),
                    footprint.guestBytes(),
                    footprint.chunkBytes());
        } catch (IOException e) {
            throw HostFailure.of("vm", "the guest of " + record.name() + " can't be looked up", e);
        }
    }

    VmView start(String vm, GuestRequest request) {
        Names.require("vm", vm);
        try (var _ = locks.lock(vm)) {
            VmRecord record = require(vm);
            if (record.state() != VmRecord.State.READY) {
                throw new ProblemException(
                        Kind.CONFLICT,
                        "vm",
                        vm + " is " + record.state() + ", an earlier call failed midway",
                        "destroy it, or create it again");
            }
            attachments.attach(record.image());
            guests.start(vm, stack.layer(vm), request);
            return view(record);
        } catch (IOException e) {
            throw HostFailure.of("vm", "the guest of " + vm + " did not start", e);
        }
    }

    VmView stop(String vm) {
        Names.require("vm", vm);
        try (var _ = locks.lock(vm)) {
            VmRecord record = require(vm);
            guests.stop(vm);
            return view(record);
        } catch (IOException e) {
            throw HostFailure.of("vm", "the guest of " + vm + " did not stop", e);
        }
    }
}
