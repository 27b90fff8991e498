package io.virtman.testing;

import io.virtman.stack.LayerExports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Exports without processes or mounts. Owners outlive a node service, as real ones do: give the
 * same object to the next.
 */
public final class FakeLayerExports implements LayerExports {
    private final Path folder;
    private final Map<String, Path> owners = new ConcurrentSkipListMap<>();
    private final Map<String, String> failures = new ConcurrentHashMap<>();
    private volatile Listener listener = (_, _) -> {};

    /** Owners started so far. */
    public final AtomicInteger starts = new AtomicInteger();

    /** Calls of {@link #stop} so far. */
    public final AtomicInteger stops = new AtomicInteger();

    /** VMs whose owners can't start. */
    public final Set<String> refused = ConcurrentHashMap.newKeySet();

    /** What fails, if anything. */
    public volatile StepFailure steps = StepFailure.never();

    public FakeLayerExports(Path folder) {
        this.folder = folder;
    }

    /** Layers by VM that are exported now. */
    public Map<String, Path> owners() {
        return Map.copyOf(owners);
    }

    /** An owner is killed. */
    public void kill(String vm, String reason) {
        if (owners.remove(vm) != null) {
            failures.put(vm, reason);
            listener.died(vm, reason);
        }
    }

    /** The host's power is cut: nobody is told. */
    public void reboot() {
        owners.clear();
        failures.clear();
    }

    @Override
    public void listen(Listener told) {
        listener = told;
    }

    @Override
    public Path start(String vm, Path layer) throws IOException {
        steps.step("start export");
        if (refused.contains(vm)) {
            throw new IOException("refused");
        }
        if (!Files.exists(layer)) {
            throw new IOException("no layer " + layer);
        }
        if (owners.put(vm, layer) == null) {
            starts.incrementAndGet();
        }
        failures.remove(vm);
        steps.step("export started");
        return path(vm);
    }

    @Override
    public void stop(String vm) {
        steps.step("stop export");
        stops.incrementAndGet();
        owners.remove(vm);
        failures.remove(vm);
        steps.step("export stopped");
    }

    @Override
    public Path path(String vm) {
        return folder.resolve(vm).resolve("disk");
    }

    @Override
    public State state(String vm) {
        if (owners.containsKey(vm)) {
            return new State.Exported(1);
        }
        String failure = failures.get(vm);
        return failure == null ? new State.Absent() : new State.Failed(failure);
    }
}
