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

    private final String node;
    private final StorageStack stack;
    private final VoltApi volt;
    private final Attachments attachments;
    private final Guests guests;
    private final Exports exports;
    private final Snapshots snapshots;
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
            Exports exports,
            Snapshots snapshots,
            RecordStore<VmRecord> journal,
            KeyedLocks locks) {
        this.node = node;
        this.stack = stack;
        this.volt = volt;
        this.attachments = attachments;
        this.guests = guests;
        this.exports = exports;
        this.snapshots = snapshots;
        this.journal = journal;
        this.locks = locks;
    }

    /**
     * Undoes what was half made and completes what was half destroyed. What fails keeps its state:
     * destroying it again, or creating again what was half made, tries again.
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

    VmView create(String vm, @Nullable String image, @Nullable Long size) {
        Names.require("vm", vm);
        if (image != null) {
            Names.require("image", image);
        }
        try (var _ = locks.lock(vm)) {
            Optional<VmRecord> present = journal.get(vm);
            if (present.isPresent() && present.get().state() == VmRecord.State.READY) {
                return view(VmRefusals.requireSame(present.get(), image, size));
            }
            if (present.isPresent()) {
                VmRefusals.requireNotDestroying(present.get());
                remove(present.get()); // half made, and nobody was ever told of it
            }
            requireNothing(vm);
            VmRecord record = image == null ? empty(vm, size) : onImage(vm, resolve(image), size);
            journal.put(vm, record);
            return view(make(record));
        } catch (IOException e) {
            throw HostFailure.of("vm", vm + " was not made", e);
        }
    }

    private static VmRecord onImage(String vm, Image image, @Nullable Long size) {
        return new VmRecord(
                vm,
                image.id(),
                image.name(),
                DiskSize.choose(size, image.size()),
                VmRecord.State.CREATING,
                false,
                null);
    }

    private static VmRecord empty(String vm, @Nullable Long size) {
        return new VmRecord(
                vm, null, null, DiskSize.require(size), VmRecord.State.CREATING, false, null);
    }

    /** The image by what is attached here, also when Volt is away; else by the catalogue. */
    private Image resolve(String image) {
        return attachments
                .find(image)
                .map(Attachments.Attached::record)
                .map(known -> new Image(known.image(), known.name(), known.size()))
                .orElseGet(() -> {
                    var known = volt.image(image);
                    return new Image(known.id(), known.name(), VmRefusals.sized(known).size());
                });
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
            String image = record.image();
            if (image == null) {
                stack.createEmptyLayer(record.name(), record.size());
            } else {
                Attachments.Attached attached = attachments.attach(image);
                stack.createLayer(record.name(), attached.image(), record.size());
            }
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

    void destroyUnwritten(String vm) {
        try (var _ = locks.lock(vm)) {
            Optional<VmRecord> record = journal.get(vm);
            if (record.isPresent()) {
                Exports.requireNotExported(record.get());
                requireNoGuest(vm);
                // else there is no disk yet, or it was decided that it goes
                if (record.get().state() == VmRecord.State.READY) {
                    requireUnwritten(vm);
                }
                VmRecord going = record.get().with(VmRecord.State.DESTROYING);
                journal.put(vm, going);
                remove(going);
            }
        } catch (IOException e) {
            throw HostFailure.of("vm", vm + " is not destroyed; destroying it again goes on", e);
        }
    }

    private void requireUnwritten(String vm) throws IOException {
        if (stack.written(vm)) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "vm",
                    "the disk of " + vm + " has been written to",
                    "destroy it without a condition if what is on it may go");
        }
    }

    /** Removes whatever there is of a VM, its record last; may be repeated. */
    private void remove(VmRecord record) throws IOException {
        guests.remove(record.name());
        exports.end(record.name());
        snapshots.forget(record.name());
        stack.destroyLayer(record.name());
        journal.remove(record.name());
        String image = record.image();
        if (image != null) {
            attachments.detach(image, this::use);
        }
    }

    /** Whether VMs have this image, or one is being made of a disk on it. */
    boolean use(String image) {
        return journal.all().stream().anyMatch(vm -> image.equals(vm.image()))
                || snapshots.use(image);
    }

    int count() {
        return journal.all().size();
    }

    /** Sum of the sizes of all disks. */
    long provisioned() {
        return journal.all().stream().mapToLong(VmRecord::size).sum();
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

    private VmRecord requireReady(String vm) {
        VmRecord record = require(vm);
        VmRefusals.requireNotDestroying(record);
        if (record.state() != VmRecord.State.READY) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "vm",
                    vm + " is half made, an earlier call failed midway",
                    "create it again, or destroy it");
        }
        return record;
    }

    private void requireNoGuest(String vm) throws IOException {
        if (guests.runs(vm)) {
            throw new ProblemException(
                    Kind.CONFLICT, "vm", "a guest runs on the disk of " + vm, "stop it first");
        }
    }

    VmView export(String vm) {
        try (var _ = locks.lock(vm)) {
            VmRecord record = requireReady(vm);
            requireNoGuest(vm);
            return view(exports.export(record));
        } catch (IOException e) {
            throw HostFailure.of("vm", "the disk of " + vm + " is not exported", e);
        }
    }

    VmView unexport(String vm) {
        try (var _ = locks.lock(vm)) {
            return view(exports.unexport(require(vm)));
        } catch (IOException e) {
            throw HostFailure.of("vm", "the export of " + vm + " is not all removed", e);
        }
    }

    VmView extend(String vm, long size) {
        try (var _ = locks.lock(vm)) {
            VmRecord record = requireReady(vm);
            DiskSize.requireWithin(size, record.size());
            if (size > record.size()) {
                Exports.requireNotExported(record);
                requireNoGuest(vm);
                stack.extendLayer(vm, size);
                record = record.withSize(size);
                journal.put(vm, record);
            }
            return view(record);
        } catch (IOException e) {
            throw HostFailure.of("vm", "the disk of " + vm + " was not extended", e);
        }
    }

    ImageRecord snapshot(String vm, String name) {
        try (var _ = locks.lock(vm)) {
            VmRecord record = requireReady(vm);
            Optional<ImageRecord> present = snapshots.find(vm, name);
            if (present.isPresent()) {
                return present.get();
            }
            Exports.requireNotExported(record);
            requireNoGuest(vm);
            return snapshots.begin(record, name);
        } catch (IOException e) {
            throw HostFailure.of("vm", "no image was made of " + vm, e);
        }
    }

    private VmView view(VmRecord record) {
        ReadFootprint.Size footprint =
                Optional.ofNullable(record.image())
                        .flatMap(attachments::find)
                        .map(attached -> attached.image().footprint(record.name()))
                        .orElse(ReadFootprint.Size.NONE);
        try {
            VmView.GuestView guest = guests.view(record.name());
            boolean open = record.exported() || (guest != null && guest.running());
            return new VmView(
                    record.name(),
                    node,
                    record.image(),
                    record.imageName(),
                    record.size(),
                    record.state(),
                    stack.layer(record.name()).toString(),
                    guest,
                    exports.view(record),
                    open || stack.written(record.name()),
                    footprint.guestBytes(),
                    footprint.chunkBytes());
        } catch (IOException e) {
            throw HostFailure.of("vm", record.name() + " can't be looked up", e);
        }
    }

    VmView start(String vm, GuestRequest request) {
        Names.require("vm", vm);
        try (var _ = locks.lock(vm)) {
            VmRecord record = requireReady(vm);
            Exports.requireNotExported(record);
            String image = record.image();
            if (image != null) {
                attachments.attach(image);
            }
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
