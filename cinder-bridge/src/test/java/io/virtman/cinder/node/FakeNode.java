package io.virtman.cinder.node;

import io.virtman.node.ExportState;
import io.virtman.node.GuestRequest;
import io.virtman.node.ImportProgress;
import io.virtman.node.NodeApi;
import io.virtman.node.NodeReport;
import io.virtman.node.RemoteImage;
import io.virtman.node.VmRecord;
import io.virtman.node.VmView;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ImageState;
import io.virtman.volt.ParentList;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A node in memory, as far as the engine uses it. */
final class FakeNode implements NodeApi {
    final List<RemoteImage> imported = new CopyOnWriteArrayList<>();
    final Map<String, Map<String, String>> credentials = new TreeMap<>();
    final List<String> removed = new CopyOnWriteArrayList<>();
    private final Map<String, VmView> vms = new TreeMap<>();

    static ImageRecord image(String name, long size) {
        return new ImageRecord(
                "id-" + name,
                name,
                ImageState.IMPORTING,
                size,
                null,
                "n1",
                "raw",
                Instant.EPOCH,
                null);
    }

    private static VmView vm(
            String name, @Nullable String image, long size, boolean exported, boolean written) {
        return new VmView(
                name,
                "n1",
                image,
                image,
                size,
                VmRecord.State.READY,
                "/x",
                null,
                exported
                        ? new VmView.ExportView(ExportState.EXPORTED, "/export/" + name, null)
                        : null,
                written,
                0,
                0);
    }

    private VmView require(String name) {
        VmView vm = vms.get(name);
        if (vm == null) {
            throw new ProblemException(Kind.NOT_FOUND, "vm", "there is no VM " + name, "look");
        }
        return vm;
    }

    @Override
    public synchronized VmView create(String vm, @Nullable String image, @Nullable Long size) {
        long bytes = size == null ? 0 : size;
        VmView made = vms.computeIfAbsent(vm, _ -> vm(vm, image, bytes, false, false));
        if (made.size() != bytes) {
            throw new ProblemException(Kind.CONFLICT, "vm", vm + " has another size", "leave it");
        }
        return made;
    }

    @Override
    public synchronized VmView export(String vm) {
        VmView present = require(vm);
        vms.put(vm, vm(vm, present.image(), present.size(), true, present.written()));
        return require(vm);
    }

    @Override
    public synchronized VmView unexport(String vm) {
        VmView present = require(vm);
        vms.put(vm, vm(vm, present.image(), present.size(), false, true));
        return require(vm);
    }

    @Override
    public synchronized VmView extend(String vm, long size) {
        VmView present = require(vm);
        vms.put(vm, vm(vm, present.image(), size, false, present.written()));
        return require(vm);
    }

    @Override
    public synchronized ImageRecord snapshot(String vm, String image) {
        return image(image, require(vm).size());
    }

    /** Its destruction was begun, and went wrong. */
    synchronized void halfDestroy(String vm) {
        VmView present = require(vm);
        vms.put(
                vm,
                new VmView(
                        vm,
                        present.node(),
                        present.image(),
                        present.imageName(),
                        present.size(),
                        VmRecord.State.DESTROYING,
                        present.disk(),
                        null,
                        null,
                        present.written(),
                        0,
                        0));
    }

    @Override
    public synchronized void destroy(String vm) {
        vms.remove(require(vm).name());
    }

    @Override
    public synchronized void destroyUnwritten(String vm) {
        VmView present = vms.get(vm);
        if (present != null && (present.written() || present.export() != null)) {
            throw new ProblemException(Kind.CONFLICT, "vm", vm + " is used or written", "leave it");
        }
        vms.remove(vm);
    }

    @Override
    public synchronized List<VmView> vms() {
        return new ArrayList<>(vms.values());
    }

    @Override
    public synchronized VmView vm(String vm) {
        return require(vm);
    }

    @Override
    public ImageRecord importRemote(RemoteImage image) {
        imported.add(image);
        return image(image.name(), 4096);
    }

    @Override
    public void renewCredential(String image, Map<String, String> headers) {
        credentials.put(image, headers);
    }

    @Override
    public void removeSource(String image) {
        if (removed.contains(image)) {
            throw new ProblemException(Kind.NOT_FOUND, "image", "no " + image, "look");
        }
        removed.add(image);
    }

    private static UnsupportedOperationException unused() {
        return new UnsupportedOperationException("the engine doesn't ask for it");
    }

    @Override
    public NodeReport report() {
        throw unused();
    }

    @Override
    public ImageRecord importImage(String name, String path, String format) {
        throw unused();
    }

    @Override
    public ImportProgress importProgress(String image) {
        throw unused();
    }

    @Override
    public VmView start(String vm, GuestRequest request) {
        throw unused();
    }

    @Override
    public VmView stop(String vm) {
        throw unused();
    }

    @Override
    public void parents(ParentList list) {
        throw unused();
    }
}
