package io.virtman.cinder.testing;

import io.virtman.cinder.engine.Engine;
import io.virtman.cinder.engine.EngineDisk;
import io.virtman.cinder.engine.EngineHost;
import io.virtman.cinder.engine.EngineImage;
import io.virtman.cinder.engine.RemoteSource;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Nodes and Volt in memory, that do as they are told, and note what they were asked. */
public final class FakeEngine implements Engine {
    /** Of a node. */
    private static final class Host {
        boolean alive = true;
        final Map<String, Disk> disks = new TreeMap<>();
    }

    /** The process that asked is no more; nothing of it may catch this. */
    public static final class Killed extends Error {
        private static final long serialVersionUID = 1;

        Killed(String method) {
            super("as it is told, at " + method);
        }
    }

    private record Disk(@Nullable String image, long bytes, boolean written, boolean offered) {}

    private final Map<String, Host> hosts = new TreeMap<>();
    private final Map<String, EngineImage> images = new TreeMap<>();
    private final Map<String, ProblemException> failures = new ConcurrentHashMap<>();
    private final Set<String> deaths = ConcurrentHashMap.newKeySet();
    private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();
    private final Set<String> destroying = ConcurrentHashMap.newKeySet(); // host/disk
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final Map<String, Map<String, String>> credentials = new ConcurrentHashMap<>();
    private final Map<String, RemoteSource> sources = new ConcurrentHashMap<>();

    /** Size of the disk of images that are imported. */
    private volatile long importedBytes = 1L << 30;

    /** With these nodes. */
    public FakeEngine(String... names) {
        for (String name : names) {
            hosts.put(name, new Host());
        }
    }

    /** A node goes away, or comes back. */
    public synchronized void alive(String host, boolean alive) {
        host(host).alive = alive;
    }

    /** From now on a method fails; null for no more. */
    public void fail(String method, @Nullable Kind kind) {
        if (kind == null) {
            failures.remove(method);
        } else {
            failures.put(
                    method, new ProblemException(kind, "host", method + " fails", "as it is told"));
        }
    }

    /** The next who asks a method is {@link Killed} before anything is done. */
    public void kill(String method) {
        deaths.add(method);
    }

    /** From now on a method waits for the latch, at most 20 s. */
    public CountDownLatch hold(String method) {
        CountDownLatch gate = new CountDownLatch(1);
        gates.put(method, gate);
        return gate;
    }

    /** A guest writes. */
    public synchronized void write(String host, String disk) {
        Host on = host(host);
        Disk present = on.disks.get(disk);
        if (present == null) {
            throw new AssertionError("no " + disk + " on " + host);
        }
        on.disks.put(disk, new Disk(present.image(), present.bytes(), true, present.offered()));
    }

    /** A disk that is there for whatever reason. */
    public synchronized void put(String host, EngineDisk disk) {
        if (disk.destroying()) {
            destroying.add(host + "/" + disk.name());
        }
        host(host)
                .disks
                .put(disk.name(), new Disk(null, disk.bytes(), disk.written(), disk.offered()));
    }

    /** A disk is lost. */
    public synchronized void lose(String host, String disk) {
        host(host).disks.remove(disk);
    }

    /** How the import or the making of an image ends; or that it goes on. */
    public synchronized void image(String idOrName, EngineImage.State state) {
        EngineImage present = image(idOrName).orElseThrow();
        images.put(
                present.id(),
                new EngineImage(
                        present.id(),
                        present.name(),
                        present.origin(),
                        state,
                        present.bytes(),
                        state == EngineImage.State.FAILED
                                ? Optional.of("its hash is wrong")
                                : Optional.empty()));
    }

    /** The size of disks of images to come. */
    public void importedBytes(long bytes) {
        importedBytes = bytes;
    }

    /** What was asked: {@code method host thing}. */
    public List<String> calls() {
        return List.copyOf(calls);
    }

    /** How often a method was asked. */
    public long count(String method) {
        return calls.stream().filter(call -> call.startsWith(method + " ")).count();
    }

    /** {@code disk@host} of all. */
    public synchronized List<String> allDisks() {
        List<String> all = new ArrayList<>();
        hosts.forEach(
                (name, host) -> host.disks.keySet().forEach(disk -> all.add(disk + "@" + name)));
        return all;
    }

    /** What a disk lies on. */
    public synchronized Optional<String> imageOf(String host, String disk) {
        return Optional.ofNullable(host(host).disks.get(disk)).map(Disk::image);
    }

    /** The headers an origin has for an image. */
    public Map<String, String> credential(String image) {
        return credentials.getOrDefault(image, Map.of());
    }

    /** From where an image of this name is imported. */
    public Optional<RemoteSource> source(String name) {
        return Optional.ofNullable(sources.get(name));
    }

    /** All images, by name. */
    public synchronized List<String> imageNames() {
        return images.values().stream().map(EngineImage::name).sorted().toList();
    }

    private void note(String method, String host, String thing) {
        calls.add(method + " " + host + " " + thing);
        CountDownLatch gate = gates.get(method);
        try {
            if (gate != null && !gate.await(20, TimeUnit.SECONDS)) {
                throw new AssertionError(method + " was never let go");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(Kind.UNAVAILABLE, "host", "interrupted", "try again", e);
        }
        if (deaths.remove(method)) {
            throw new Killed(method);
        }
        ProblemException failure = failures.get(method);
        if (failure != null) {
            throw failure;
        }
    }

    private Host host(String name) {
        Host host = hosts.get(name);
        if (host == null) {
            throw new ProblemException(
                    Kind.NOT_FOUND, "host", name + " has no VirtMan node", "start one");
        }
        return host;
    }

    private Host up(String name) {
        Host host = host(name);
        if (!host.alive) {
            throw new ProblemException(
                    Kind.UNAVAILABLE, "node", name + " does not answer", "try again later");
        }
        return host;
    }

    @Override
    public List<EngineHost> hosts() {
        note("hosts", "-", "-");
        synchronized (this) {
            List<EngineHost> all = new ArrayList<>();
            hosts.forEach((name, host) ->
                    all.add(new EngineHost(name, host.alive, 100L << 30, 60L << 30)));
            return all;
        }
    }

    @Override
    public String attach(String host, String disk, @Nullable String image, long bytes) {
        note("attach", host, disk);
        synchronized (this) {
            Host on = up(host);
            Disk present = on.disks.get(disk);
            if (present != null
                    && present.bytes() < bytes
                    && !present.written()
                    && !present.offered()) {
                present = null; // it was left over from before an extension
            }
            if (present != null && present.bytes() < bytes) {
                throw new ProblemException(
                        Kind.CONFLICT, "vm", disk + " has another size", "destroy it first");
            }
            if (image != null && !images.containsKey(image)) {
                throw new ProblemException(Kind.NOT_FOUND, "image", image, "import it");
            }
            long size = present == null ? bytes : present.bytes();
            boolean written = present != null && present.written();
            on.disks.put(disk, new Disk(image, size, written, true));
            return "/run/virtman/disks/" + disk;
        }
    }

    @Override
    public void detach(String host, String disk) {
        note("detach", host, disk);
        synchronized (this) {
            up(host).disks
                    .computeIfPresent(
                            disk,
                            (_, old) -> new Disk(old.image(), old.bytes(), old.written(), false));
        }
    }

    @Override
    public void discard(String host, String disk) {
        note("discard", host, disk);
        synchronized (this) {
            up(host).disks.remove(disk);
        }
    }

    @Override
    public void discardUnwritten(String host, String disk) {
        note("discardUnwritten", host, disk);
        synchronized (this) {
            Disk present = up(host).disks.get(disk);
            boolean going = destroying.contains(host + "/" + disk); // that was decided before
            if (present != null && !going && (present.offered() || present.written())) {
                throw new ProblemException(
                        Kind.CONFLICT, "vm", disk + " is in use or written", "leave it");
            }
            up(host).disks.remove(disk);
        }
    }

    @Override
    public Optional<EngineDisk> disk(String host, String disk) {
        note("disk", host, disk);
        synchronized (this) {
            return Optional.ofNullable(up(host).disks.get(disk))
                    .map(found -> view(host, disk, found));
        }
    }

    private EngineDisk view(String host, String name, Disk disk) {
        boolean written = disk.written() || disk.offered();
        boolean going = destroying.contains(host + "/" + name);
        return new EngineDisk(name, disk.bytes(), written, disk.offered(), going);
    }

    @Override
    public List<EngineDisk> disks(String host) {
        note("disks", host, "-");
        synchronized (this) {
            List<EngineDisk> all = new ArrayList<>();
            up(host).disks.forEach((name, disk) -> all.add(view(host, name, disk)));
            return all;
        }
    }

    private static void requireNotOffered(String name, @Nullable Disk disk) {
        if (disk == null) {
            throw new ProblemException(Kind.NOT_FOUND, "vm", "no " + name, "make it");
        }
        if (disk.offered()) {
            throw new ProblemException(Kind.CONFLICT, "vm", name + " is offered", "detach it");
        }
    }

    @Override
    public void extend(String host, String disk, long bytes) {
        note("extend", host, disk);
        synchronized (this) {
            Host on = up(host);
            Disk present = on.disks.get(disk);
            requireNotOffered(disk, present);
            if (present != null) {
                on.disks.put(disk, new Disk(present.image(), bytes, present.written(), false));
            }
        }
    }

    @Override
    public EngineImage snapshot(String host, String disk, String name) {
        note("snapshot", host, disk);
        synchronized (this) {
            Optional<EngineImage> made = image(name);
            if (made.isPresent()) {
                return made.get();
            }
            Disk present = up(host).disks.get(disk);
            requireNotOffered(disk, present);
            return add(name, host, present == null ? 0 : present.bytes());
        }
    }

    private EngineImage add(String name, String host, long bytes) {
        EngineImage image =
                new EngineImage(
                        UUID.randomUUID().toString(),
                        name,
                        host,
                        EngineImage.State.IMPORTING,
                        bytes,
                        Optional.empty());
        images.put(image.id(), image);
        return image;
    }

    @Override
    public EngineImage importRemote(String host, RemoteSource source) {
        note("importRemote", host, source.name());
        synchronized (this) {
            up(host);
            sources.put(source.name(), source);
            EngineImage made =
                    image(source.name()).orElseGet(() -> add(source.name(), host, importedBytes));
            credentials.put(made.id(), source.headers());
            return made;
        }
    }

    @Override
    public void renewCredential(String host, String image, Map<String, String> headers) {
        note("renewCredential", host, image);
        synchronized (this) {
            up(host);
            credentials.put(image, Map.copyOf(headers));
        }
    }

    @Override
    public synchronized Optional<EngineImage> image(String idOrName) {
        return images.values().stream()
                .filter(image -> image.id().equals(idOrName) || image.name().equals(idOrName))
                .findFirst();
    }

    @Override
    public void removeImage(String host, String image) {
        note("removeImage", host, image);
        synchronized (this) {
            up(host);
            images.remove(image);
        }
    }
}
