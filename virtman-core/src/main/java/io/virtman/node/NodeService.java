package io.virtman.node;

import io.virtman.cache.CacheGroup;
import io.virtman.image.ImageImporter;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.stack.GuestRunner;
import io.virtman.stack.ReadFootprint;
import io.virtman.stack.StorageStack;
import io.virtman.volt.AttachmentReport;
import io.virtman.volt.Heartbeat;
import io.virtman.volt.HeartbeatAnswer;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ImageState;
import io.virtman.volt.NodeAddress;
import io.virtman.volt.ParentList;
import io.virtman.volt.VoltApi;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The node service. What it promises is in its journal before it is told to anyone, so that a crash
 * at any point leaves each VM whole or absent; see {@link VmRecord}. Work on one VM is serial, VMs
 * and images are independent. Safe for many threads.
 */
public final class NodeService implements NodeApi, Closeable {
    private static final Logger LOGGER = System.getLogger(NodeService.class.getName());
    private static final int SECTOR = 512;
    private static final long LARGEST_DISK = 1L << 46;

    private final NodeAddress self;
    private final StorageStack stack;
    private final VoltApi volt;
    private final CacheGroup cache;
    private final Complaints complaints;
    private final Sources sources;
    private final Attachments attachments;
    private final Imports imports;
    private final RecordStore<VmRecord> vms;
    private final Guests guests;
    private final Heartbeats heartbeats;
    private final KeyedLocks locks = new KeyedLocks();
    private boolean interruptedImportsReported; // only the heartbeat thread

    /**
     * Makes the service; nothing is served before {@link #start}.
     *
     * @param self how others reach this node
     * @param stack closed with this service
     * @param complaints shared with the stack
     */
    public NodeService(
            NodeOptions options,
            NodeAddress self,
            StorageStack stack,
            CacheGroup cache,
            GuestRunner runner,
            VoltApi volt,
            ImageImporter importer,
            Complaints complaints,
            InstantSource clock)
            throws IOException {
        this.self = self;
        this.stack = stack;
        this.volt = volt;
        this.cache = cache;
        this.complaints = complaints;
        this.sources = new Sources(options.sources(), importer);
        this.attachments =
                new Attachments(
                        self,
                        stack,
                        volt,
                        sources,
                        new RecordStore<>(options.attachments(), AttachmentRecord.class));
        this.imports = new Imports(self.name(), volt, sources, attachments);
        this.vms = new RecordStore<>(options.vms(), VmRecord.class);
        this.guests =
                new Guests(runner, new RecordStore<>(options.guests(), GuestRecord.class), clock);
        this.heartbeats = new Heartbeats(this::beat, this::heard);
    }

    /**
     * Takes up what was before the last stop or crash: attaches images first, since guests wait for
     * them, then undoes what was half made and completes what was half destroyed. Then it reports
     * to Volt.
     */
    public void start(NodeOptions options) throws IOException {
        attachments.restore();
        for (VmRecord vm : vms.all()) {
            switch (vm.state()) {
                case READY -> {}
                case CREATING, DESTROYING -> remove(vm);
            }
        }
        guests.restore();
        heartbeats.start(options.heartbeat());
    }

    private HeartbeatAnswer beat() {
        List<AttachmentReport> reports = attachments.reports();
        return volt.heartbeat(
                new Heartbeat(
                        self, reports, peerBytesIn(), stack.peerBytesOut(), complaints.byParent()));
    }

    private void heard(HeartbeatAnswer answer) {
        if (!interruptedImportsReported) {
            imports.failInterrupted();
            interruptedImportsReported = true;
        }
        answer.lists().forEach(attachments::update);
        for (String image : answer.unknownImages()) {
            LOGGER.log(
                    Level.WARNING,
                    "image {0} is attached here but not in Volt''s catalogue",
                    image);
        }
    }

    @Override
    public VmView create(String vm, String image, @Nullable Long size) {
        Names.require("vm", vm);
        try (var _ = locks.lock(vm)) {
            Optional<VmRecord> present = vms.get(vm);
            if (present.isPresent()) {
                return view(requireSame(present.get(), image, size));
            }
            ImageRecord found = resolve(image);
            VmRecord record =
                    new VmRecord(
                            vm,
                            found.id(),
                            found.name(),
                            diskSize(size, found),
                            VmRecord.State.CREATING);
            vms.put(vm, record);
            return make(record, found);
        }
    }

    /** The image by the catalogue; by what is attached here when Volt is away. */
    private ImageRecord resolve(String image) {
        return attachments
                .find(image)
                .map(Attachments.Attached::record)
                .map(known ->
                        new ImageRecord(
                                known.image(),
                                known.name(),
                                ImageState.SEALED,
                                known.size(),
                                known.digest(),
                                "",
                                "",
                                Instant.EPOCH,
                                null))
                .orElseGet(() -> volt.image(image));
    }

    private VmView make(VmRecord record, ImageRecord image) {
        try {
            Attachments.Attached attached = attachments.attach(image);
            stack.createLayer(record.name(), attached.image(), record.size());
            VmRecord ready = record.with(VmRecord.State.READY);
            vms.put(record.name(), ready);
            return view(ready);
        } catch (IOException | RuntimeException e) {
            undo(record);
            throw e instanceof ProblemException problem
                    ? problem
                    : failed("vm", record.name() + " was not made", e);
        }
    }

    private void undo(VmRecord record) {
        try {
            remove(record);
        } catch (IOException | RuntimeException e) {
            LOGGER.log(
                    Level.WARNING,
                    "half-made VM {0} is removed at the next start: {1}",
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

    private static long diskSize(@Nullable Long size, ImageRecord image) {
        long smallest = Math.ceilDiv(image.size(), SECTOR) * SECTOR;
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

    @Override
    public void destroy(String vm) {
        try (var _ = locks.lock(vm)) {
            VmRecord record = require(vm);
            vms.put(vm, record.with(VmRecord.State.DESTROYING));
            remove(record);
        } catch (IOException e) {
            throw failed(
                    "vm",
                    vm + " was not destroyed entirely; the node completes it when it starts again",
                    e);
        }
    }

    /** Removes whatever there is of a VM; may be repeated. */
    private void remove(VmRecord record) throws IOException {
        guests.remove(record.name());
        stack.destroyLayer(record.name());
        vms.remove(record.name());
        try {
            attachments.detach(record.image(), this::inUse);
        } catch (ProblemException e) {
            LOGGER.log(
                    Level.INFO,
                    "Volt learns later that image {0} was left: {1}",
                    record.image(),
                    e.getMessage());
        }
    }

    private boolean inUse(String image) {
        return vms.all().stream().anyMatch(vm -> vm.image().equals(image));
    }

    @Override
    public List<VmView> vms() {
        List<VmView> views = new ArrayList<>();
        vms.all().forEach(record -> views.add(view(record)));
        return views;
    }

    @Override
    public VmView vm(String vm) {
        return view(require(vm));
    }

    private VmRecord require(String vm) {
        return vms.get(Names.require("vm", vm))
                .orElseThrow(() ->
                        new ProblemException(
                                Kind.NOT_FOUND,
                                "vm",
                                "there is no VM " + vm + " on node " + self.name(),
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
                    self.name(),
                    record.image(),
                    record.imageName(),
                    record.size(),
                    record.state(),
                    stack.layer(record.name()).toString(),
                    guests.view(record.name()),
                    footprint.guestBytes(),
                    footprint.chunkBytes());
        } catch (IOException e) {
            throw failed("vm", "the guest of " + record.name() + " can't be looked up", e);
        }
    }

    @Override
    public VmView start(String vm, GuestRequest request) {
        try (var _ = locks.lock(vm)) {
            VmRecord record = require(vm);
            guests.start(vm, stack.layer(vm), request);
            return view(record);
        } catch (IOException e) {
            throw failed("vm", "the guest of " + vm + " did not start", e);
        }
    }

    @Override
    public VmView stop(String vm) {
        try (var _ = locks.lock(vm)) {
            VmRecord record = require(vm);
            guests.stop(vm);
            return view(record);
        } catch (IOException e) {
            throw failed("vm", "the guest of " + vm + " did not stop", e);
        }
    }

    @Override
    public ImageRecord importImage(String name, String path, String format) {
        return imports.start(Names.require("name", name), path, format);
    }

    @Override
    public ImportProgress importProgress(String image) {
        return imports.progress(image);
    }

    @Override
    public void removeSource(String image) {
        try {
            if (inUse(image)) {
                throw new ProblemException(
                        Kind.CONFLICT,
                        "image",
                        image + " has VMs on " + self.name(),
                        "destroy them first");
            }
            attachments.withdraw(image);
            sources.remove(Names.require("image", image));
        } catch (IOException e) {
            throw failed("image", "the files of " + image + " were not all deleted", e);
        }
    }

    @Override
    public void parents(ParentList list) {
        attachments.update(list);
    }

    @Override
    public NodeReport report() {
        List<NodeReport.ImageReport> images = new ArrayList<>();
        long guestBytesOut = 0;
        for (Attachments.Attached one : attachments.all()) {
            var traffic = one.image().traffic();
            guestBytesOut += traffic.guestBytesOut();
            images.add(
                    new NodeReport.ImageReport(
                            one.record().image(),
                            one.record().name(),
                            one.record().list().level(),
                            one.image().parentStates(),
                            traffic.bytesInByParent()));
        }
        return new NodeReport(
                self,
                images,
                vms.all().size(),
                stack.peerBytesOut(),
                peerBytesIn(),
                guestBytesOut,
                cache.usedBytes(),
                cache.capacity(),
                cache.failures());
    }

    private long peerBytesIn() {
        return attachments.all().stream()
                .flatMap(one -> one.image().traffic().bytesInByParent().values().stream())
                .mapToLong(Long::longValue)
                .sum();
    }

    private static ProblemException failed(String field, String detail, Exception cause) {
        String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return new ProblemException(
                Kind.FAILED,
                field,
                detail + ": " + reason,
                "see the node service's log for details",
                cause);
    }

    /** Stops serving. Guests run on and wait; everything is taken up again at the next start. */
    @Override
    public void close() throws IOException {
        heartbeats.close();
        imports.close();
        guests.close();
        attachments.close();
        stack.close();
    }
}
