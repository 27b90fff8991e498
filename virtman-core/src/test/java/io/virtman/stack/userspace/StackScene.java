package io.virtman.stack.userspace;

import io.virtman.cache.CacheGroup;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.QemuImgCreate;
import io.virtman.nbd.NbdUri;
import io.virtman.peer.PeerTimeouts;
import io.virtman.stack.AttachRequest;
import io.virtman.stack.AttachedImage;
import io.virtman.stack.ParentHost;
import io.virtman.stack.PeerExportName;
import io.virtman.testing.TestImage;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** One host's stack in a directory of its own; may be closed and started again. */
final class StackScene implements Closeable {
    final Path directory;
    final List<String> complaints = new CopyOnWriteArrayList<>();
    final UserspaceStack stack;

    StackScene(Path directory) throws IOException {
        this.directory = directory;
        this.stack =
                new UserspaceStack(
                        CacheGroup.open(directory.resolve("cache"), 256 << 16),
                        directory.resolve("run"),
                        directory.resolve("layers"),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        new QemuImgCreate(new ProcessCommandRunner()),
                        PeerTimeouts.standard(),
                        (parent, _) -> complaints.add(parent));
    }

    AttachedImage origin(String id, TestImage image) throws IOException {
        return stack.attach(new AttachRequest(id, image.sealed(), image.files(), List.of(), 0));
    }

    AttachedImage member(String id, TestImage image, int level, StackScene... parents)
            throws IOException {
        return stack.attach(new AttachRequest(id, image.sealed(), null, list(parents), level));
    }

    static List<ParentHost> list(StackScene... parents) {
        List<ParentHost> list = new CopyOnWriteArrayList<>();
        for (StackScene parent : parents) {
            list.add(new ParentHost("host" + list.size(), "127.0.0.1:" + parent.stack.peerPort()));
        }
        return list;
    }

    /** Where a child of that level finds the image here. */
    NbdUri uri(TestImage image, int level) {
        return uri(PeerExportName.of(image.sealed(), level).toString());
    }

    NbdUri uri(String export) {
        return new NbdUri(
                InetSocketAddress.createUnresolved("127.0.0.1", stack.peerPort()), export);
    }

    Path socket(String id) {
        return directory.resolve("run/images/" + id + ".sock");
    }

    NbdUri guestUri(String id, String vm) {
        return new NbdUri(UnixDomainSocketAddress.of(socket(id)), vm);
    }

    @Override
    public void close() throws IOException {
        stack.close();
    }
}
