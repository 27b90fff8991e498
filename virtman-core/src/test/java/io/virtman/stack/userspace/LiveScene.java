package io.virtman.stack.userspace;

import io.virtman.command.Mounts;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.QemuStorageDaemon;
import io.virtman.stack.AttachedImage;
import io.virtman.stack.LayerExports;
import io.virtman.testing.TestImage;
import io.virtman.testkit.Programs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An origin and a host whose layers are exported by real daemons, in one directory. The host's
 * service may be away, and a second scene on the same directory takes over from a first that died.
 */
final class LiveScene implements AutoCloseable {
    static final int SIZE = 4 << 20;

    final Path directory;
    final TestImage image;
    final ProcessCommandRunner programs = new ProcessCommandRunner();
    final Mounts mounts = new Mounts(programs);
    final List<String> deaths = new CopyOnWriteArrayList<>();
    private final Set<String> exported = new ConcurrentSkipListSet<>();
    private final StackScene origin;
    private final AttachedImage served;
    private AttachedImage member;
    StackScene stack;
    LiveLayers layers;

    LiveScene(Path directory) throws IOException {
        this.directory = directory;
        this.image = TestImage.random(directory.resolve("image"), SIZE, 1);
        this.origin = new StackScene(directory.resolve("origin"));
        this.served = origin.origin("img", image);
        this.stack = new StackScene(directory.resolve("host"));
        this.member = stack.member("img", image, 1, origin);
        this.layers = layers();
    }

    private LiveLayers layers() throws IOException {
        LiveLayers made =
                new LiveLayers(
                        new QemuStorageDaemon(programs, Programs.require("qemu-storage-daemon")),
                        mounts,
                        directory.resolve("exports"),
                        directory.resolve("run"));
        made.listen((vm, reason) -> deaths.add(vm + ": " + reason));
        return made;
    }

    /** Ends the service of the host; layers and daemons stay. */
    void leave() throws IOException {
        layers.close();
        member.close();
        stack.close();
    }

    /** Begins it again; its parents are those given. */
    void comeBack(StackScene... parents) throws IOException {
        stack = new StackScene(directory.resolve("host"));
        member = stack.member("img", image, 1, parents);
        layers = layers();
    }

    void comeBack() throws IOException {
        comeBack(origin);
    }

    /** The parents the host has from now on. */
    void findOrigin() {
        member.update(StackScene.list(origin), 1);
    }

    Path create(String vm, long size) throws IOException {
        return stack.stack.createLayer(vm, member, size);
    }

    /** A new layer, exported. */
    Path export(String vm) throws IOException {
        Path layer = create(vm, SIZE);
        exported.add(vm);
        return layers.start(vm, layer);
    }

    /** A layer that is there, exported. */
    Path exportAgain(String vm) throws IOException {
        exported.add(vm);
        return layers.start(vm, stack.stack.layer(vm));
    }

    long processId(String vm) {
        return ((LayerExports.State.Exported) layers.state(vm)).processId();
    }

    ProcessHandle daemon(String vm) {
        return ProcessHandle.of(processId(vm)).orElseThrow();
    }

    static byte[] read(Path file, long offset, int length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, offset + bytes.position()) < 0) {
                    throw new IOException("the file ends at " + (offset + bytes.position()));
                }
            }
            return bytes.array();
        }
    }

    static void write(Path file, long offset, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes, offset + bytes.position());
            }
            channel.force(true);
        }
    }

    String run(String program, String... arguments) throws IOException {
        List<String> argv = new ArrayList<>(List.of(Programs.require(program)));
        argv.addAll(List.of(arguments));
        return programs.run(argv, Duration.ofSeconds(60)).standardOutput();
    }

    /** What runs or is mounted for this directory. */
    List<String> leftovers() throws IOException {
        List<String> left = new ArrayList<>();
        mounts.all().stream()
                .map(mount -> mount.point().toString())
                .filter(point -> point.startsWith(directory.resolve("exports") + "/"))
                .forEach(left::add);
        ProcessHandle.allProcesses()
                .filter(process ->
                        process.info()
                                .commandLine()
                                .filter(line -> line.contains(directory.resolve("run") + "/"))
                                .isPresent())
                .forEach(process -> left.add("process " + process.pid()));
        for (String folder : List.of("exports", "run")) {
            if (Files.isDirectory(directory.resolve(folder))) {
                try (var files = Files.list(directory.resolve(folder))) {
                    files.map(Path::toString).forEach(left::add);
                }
            }
        }
        return left;
    }

    /** Ends everything, also the daemons. */
    @Override
    public void close() throws IOException {
        try (origin;
                served;
                var _ = stack;
                var _ = member) {
            for (String vm : exported) {
                layers.stop(vm);
            }
            layers.close();
            List<String> left = leftovers();
            if (!left.isEmpty()) {
                throw new AssertionError("left behind: " + left);
            }
        } finally {
            Path folder = directory.resolve("exports");
            while (!mounts.at(folder).isEmpty()) {
                mounts.unmount(folder);
            }
        }
    }
}
