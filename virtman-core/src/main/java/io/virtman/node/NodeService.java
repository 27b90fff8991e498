package io.virtman.node;

import io.virtman.image.ImageImporter;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.stack.CacheUsage;
import io.virtman.stack.GuestRunner;
import io.virtman.stack.LayerExports;
import io.virtman.stack.LayerSpace;
import io.virtman.stack.StorageStack;
import io.virtman.volt.Heartbeat;
import io.virtman.volt.HeartbeatAnswer;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.NodeAddress;
import io.virtman.volt.ParentList;
import io.virtman.volt.VoltApi;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The node service. What it promises is in its journal before it is told to anyone, so that a crash
 * at any point leaves each VM whole or absent; see {@link VmRecord}. Work on one VM is serial, VMs
 * and images are independent. Safe for many threads.
 */
public final class NodeService implements NodeApi, Closeable {
    private static final Logger LOGGER = System.getLogger(NodeService.class.getName());

    /** After it the service serves others though some exports are not there yet. */
    private static final Duration EXPORTS_PATIENCE = Duration.ofSeconds(30);

    private final NodeAddress self;
    private final StorageStack stack;
    private final VoltApi volt;
    private final Complaints complaints;
    private final Sources sources;
    private final Attachments attachments;
    private final RemoteImports remote;
    private final Imports imports;
    private final Guests guests;
    private final Exports exports;
    private final Snapshots snapshots;
    private final Vms vms;
    private final Heartbeats heartbeats;

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
            GuestRunner runner,
            LayerExports layers,
            VoltApi volt,
            ImageImporter importer,
            Complaints complaints,
            InstantSource clock)
            throws IOException {
        this.self = self;
        this.stack = stack;
        this.volt = volt;
        this.complaints = complaints;
        this.sources = new Sources(options.sources(), importer);
        LiveSources live = new LiveSources();
        this.attachments =
                new Attachments(
                        self,
                        stack,
                        volt,
                        sources,
                        live,
                        new RecordStore<>(options.attachments(), AttachmentRecord.class));
        this.remote =
                new RemoteImports(
                        self.name(),
                        volt,
                        sources,
                        live,
                        attachments,
                        options,
                        importer.qemuImg().nbd());
        this.imports = new Imports(self.name(), volt, sources, attachments, remote::claims);
        KeyedLocks locks = new KeyedLocks();
        this.guests =
                new Guests(
                        runner,
                        new RecordStore<>(options.guests(), GuestRecord.class),
                        clock,
                        locks);
        RecordStore<VmRecord> records = new RecordStore<>(options.vms(), VmRecord.class);
        this.exports = new Exports(stack, layers, attachments, records, locks);
        this.snapshots =
                new Snapshots(
                        options.copies(),
                        new RecordStore<>(options.snapshots(), SnapshotRecord.class),
                        stack,
                        volt,
                        attachments,
                        sources,
                        imports,
                        this::released);
        this.vms =
                new Vms(
                        self.name(),
                        stack,
                        volt,
                        attachments,
                        guests,
                        exports,
                        snapshots,
                        records,
                        locks);
        this.heartbeats = new Heartbeats(this::beat, this::heard);
    }

    /**
     * Takes up what was before the last stop or crash: attaches images first, since guests wait for
     * them, makes the exports there were, then undoes what was half made and completes what was
     * half destroyed. Then it reports to Volt. What can't be taken up is logged and tried again,
     * and never keeps the rest waiting.
     */
    public void start(NodeOptions options) {
        remote.restore();
        attachments.restore();
        exports.restore(EXPORTS_PATIENCE);
        vms.restore();
        heartbeats.start(options.heartbeat());
    }

    private void released(String image) {
        attachments.detach(image, vms::use);
    }

    private HeartbeatAnswer beat() {
        attachments.retry();
        exports.retry();
        Map<String, String> news = complaints.unsent();
        LayerSpace space = stack.layerSpace();
        HeartbeatAnswer answer =
                volt.heartbeat(
                        new Heartbeat(
                                self,
                                Memberships.reports(attachments.all()),
                                peerBytesIn(),
                                stack.peerBytesOut(),
                                space.total(),
                                space.free(),
                                vms.provisioned(),
                                news));
        complaints.sent(news);
        return answer;
    }

    private void heard(HeartbeatAnswer answer) {
        for (ParentList list : answer.lists()) {
            try {
                attachments.update(list);
            } catch (ProblemException e) {
                LOGGER.log(Level.WARNING, "parents of image {0}: {1}", list.image(), e);
            }
        }
        attachments.disown(answer.unknownImages(), vms::use);
        Memberships.ended(answer.endedImports(), attachments);
        imports.settle();
        remote.settle();
    }

    @Override
    public VmView create(String vm, @Nullable String image, @Nullable Long size) {
        return vms.create(vm, image, size);
    }

    @Override
    public VmView export(String vm) {
        return vms.export(Names.require("vm", vm));
    }

    @Override
    public VmView unexport(String vm) {
        return vms.unexport(Names.require("vm", vm));
    }

    @Override
    public VmView extend(String vm, long size) {
        return vms.extend(Names.require("vm", vm), size);
    }

    @Override
    public ImageRecord snapshot(String vm, String image) {
        return vms.snapshot(Names.require("vm", vm), Names.require("image", image));
    }

    @Override
    public void destroy(String vm) {
        vms.destroy(vm);
    }

    @Override
    public void destroyUnwritten(String vm) {
        vms.destroyUnwritten(Names.require("vm", vm));
    }

    @Override
    public List<VmView> vms() {
        return vms.list();
    }

    @Override
    public VmView vm(String vm) {
        return vms.get(vm);
    }

    @Override
    public VmView start(String vm, GuestRequest request) {
        return vms.start(vm, request);
    }

    @Override
    public VmView stop(String vm) {
        return vms.stop(vm);
    }

    @Override
    public ImageRecord importImage(String name, String path, String format) {
        return imports.start(Names.require("name", name), path, format);
    }

    @Override
    public ImageRecord importRemote(RemoteImage image) {
        return remote.start(image);
    }

    @Override
    public void renewCredential(String image, Map<String, String> headers) {
        remote.renew(Names.require("image", image), headers);
    }

    @Override
    public ImportProgress importProgress(String image) {
        return remote.progress(image).orElseGet(() -> imports.progress(image));
    }

    @Override
    public void removeSource(String image) {
        Names.require("image", image);
        try {
            attachments.removeImage(image, vms::use);
            snapshots.remove(image);
            remote.removed(image);
        } catch (IOException e) {
            throw HostFailure.of("image", "the files of " + image + " were not all deleted", e);
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
        CacheUsage cache = stack.cache();
        LayerSpace space = stack.layerSpace();
        return new NodeReport(
                self,
                images,
                vms.count(),
                stack.peerBytesOut(),
                peerBytesIn(),
                guestBytesOut,
                cache.usedBytes(),
                cache.capacity(),
                cache.failures(),
                space.total(),
                space.free(),
                vms.provisioned());
    }

    private long peerBytesIn() {
        return attachments.all().stream()
                .flatMap(one -> one.image().traffic().bytesInByParent().values().stream())
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Stops serving. Guests run on and wait; everything is taken up again at the next start. */
    @Override
    public void close() throws IOException {
        heartbeats.close();
        imports.close();
        remote.close();
        guests.close();
        exports.close();
        attachments.close();
        stack.close();
    }
}
