package io.virtman.testing;

import io.virtman.block.SealedImage;
import io.virtman.image.ImportedImage;
import io.virtman.stack.AttachRequest;
import io.virtman.stack.AttachedImage;
import io.virtman.stack.CacheUsage;
import io.virtman.stack.ImageTraffic;
import io.virtman.stack.LayerSpace;
import io.virtman.stack.ParentHost;
import io.virtman.stack.ReadFootprint;
import io.virtman.stack.StorageStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A stack whose layers are empty files; it counts, and refuses what no stack could do. */
public final class FakeStorageStack implements StorageStack {
    private final Path layers;
    private final StepFailure steps;

    /** Calls of {@link #attach}. */
    public final AtomicInteger attaches = new AtomicInteger();

    /** Images attached now, by id. */
    public final Map<String, Image> attached = new ConcurrentHashMap<>();

    /** Ids of images that can't be attached, names of VMs whose layers can't be copied. */
    public final Set<String> refused = ConcurrentHashMap.newKeySet();

    /** VMs whose layers were written to. */
    public final Set<String> written = ConcurrentHashMap.newKeySet();

    /** VMs whose layers can't be deleted. */
    public final Set<String> undeletable = ConcurrentHashMap.newKeySet();

    /** Done when a layer is flattened, which writes nothing. */
    public volatile Runnable flatten = () -> {};

    /** Done when a layer was made. */
    public volatile Runnable onLayer = () -> {};

    /** An attached image. */
    public final class Image implements AttachedImage {
        private final String id;
        public volatile List<ParentHost> parents;
        public volatile int level;

        Image(AttachRequest request) {
            this.id = request.id();
            this.parents = request.parents();
            this.level = request.level();
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public void update(List<ParentHost> list, int newLevel) {
            parents = List.copyOf(list);
            level = newLevel;
        }

        @Override
        public void seal(SealedImage sealed, @Nullable ImportedImage source) {}

        @Override
        public void fail(String reason) {}

        @Override
        public ImageTraffic traffic() {
            return new ImageTraffic(Map.of(), 0, 0);
        }

        @Override
        public ReadFootprint.Size footprint(String vm) {
            return ReadFootprint.Size.NONE;
        }

        @Override
        public Map<String, String> parentStates() {
            return Map.of();
        }

        @Override
        public void close() {
            steps.step("close image");
            attached.remove(id, this);
        }
    }

    public FakeStorageStack(Path layers, StepFailure steps) throws IOException {
        this.layers = Files.createDirectories(layers);
        this.steps = steps;
    }

    @Override
    public AttachedImage attach(AttachRequest request) throws IOException {
        steps.step("attach");
        attaches.incrementAndGet();
        if (refused.contains(request.id())) {
            throw new IOException("refused");
        }
        Image image = new Image(request);
        if (attached.putIfAbsent(request.id(), image) != null) {
            throw new AssertionError("attached twice: " + request.id());
        }
        steps.step("attached");
        return image;
    }

    @Override
    public Path createLayer(String vm, AttachedImage image, long size) throws IOException {
        steps.step("create layer");
        if (attached.get(image.id()) != image) {
            throw new AssertionError("a layer on an image that is not attached");
        }
        if (!Files.exists(layer(vm))) {
            Files.createFile(layer(vm));
        }
        onLayer.run();
        steps.step("layer created");
        return layer(vm);
    }

    @Override
    public Path createEmptyLayer(String vm, long size) throws IOException {
        steps.step("create empty layer");
        if (!Files.exists(layer(vm))) {
            Files.createFile(layer(vm));
        }
        steps.step("empty layer created");
        return layer(vm);
    }

    @Override
    public void extendLayer(String vm, long size) throws IOException {
        steps.step("extend layer");
        if (!Files.exists(layer(vm))) {
            throw new IOException("no layer to extend");
        }
        Files.writeString(layer(vm), Long.toString(size));
        steps.step("layer extended");
    }

    @Override
    public boolean written(String vm) {
        return written.contains(vm);
    }

    @Override
    public void copyLayer(String vm, Path copy) throws IOException {
        steps.step("copy layer");
        if (refused.contains(vm)) {
            throw new IOException("refused");
        }
        Files.copy(layer(vm), copy);
    }

    @Override
    public void flattenLayer(Path copy, @Nullable AttachedImage image, Path raw)
            throws IOException {
        if (!Files.exists(copy) || (image != null && attached.get(image.id()) != image)) {
            throw new AssertionError("flattened without its copy or its image");
        }
        flatten.run();
    }

    @Override
    public LayerSpace layerSpace() {
        return new LayerSpace(1 << 30, 1 << 29);
    }

    @Override
    public Path layer(String vm) {
        return layers.resolve(vm + ".layer");
    }

    @Override
    public void destroyLayer(String vm) throws IOException {
        steps.step("destroy layer");
        if (undeletable.contains(vm)) {
            throw new IOException("can't be deleted");
        }
        Files.deleteIfExists(layer(vm));
        steps.step("layer destroyed");
    }

    /** Names of the layers there are. */
    public List<String> layers() throws IOException {
        try (var files = Files.list(layers)) {
            return files.map(file -> file.getFileName().toString().replace(".layer", ""))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public CacheUsage cache() {
        return new CacheUsage(0, 1 << 20, 0);
    }

    @Override
    public long peerBytesOut() {
        return 0;
    }

    @Override
    public void close() {
        attached.clear();
    }
}
