package io.virtman.nbd;

import io.virtman.block.BlockSource;
import io.virtman.block.LentSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Servers and addresses for tests. */
final class TestServers {
    static final Duration LONG = Duration.ofSeconds(20);

    private TestServers() {}

    /** A catalogue of sources that outlive their connections. */
    static ExportCatalog catalog(Map<String, ? extends BlockSource> sources) {
        Map<String, BlockSource> sorted = new TreeMap<>(sources);
        return new ExportCatalog() {
            @Override
            public List<String> names() {
                return List.copyOf(sorted.keySet());
            }

            @Override
            public BlockSource open(String name) throws IOException {
                BlockSource source = sorted.get(name);
                if (source == null) {
                    throw new NbdRefusal(NbdRefusal.Reason.UNKNOWN, "no export '" + name + "'");
                }
                return new LentSource(source);
            }
        };
    }

    static NbdServer server(BlockSource disk) {
        return server(disk, NbdServerLimits.standard());
    }

    static NbdServer server(BlockSource disk, NbdServerLimits limits) {
        return new NbdServer("test", catalog(Map.of("disk", disk)), limits);
    }

    static NbdServerLimits shortHandshake(Duration deadline) {
        NbdServerLimits standard = NbdServerLimits.standard();
        return new NbdServerLimits(
                standard.maximumConnections(),
                deadline,
                standard.maximumRequestBytes(),
                standard.maximumInFlightBytes());
    }

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    static SocketAddress listenTcp(NbdServer server) throws IOException {
        return server.listen(anyPort());
    }

    static NbdUri uri(SocketAddress address) {
        if (address instanceof InetSocketAddress tcp) {
            return NbdUri.parse("nbd://127.0.0.1:" + tcp.getPort() + "/disk");
        }
        return new NbdUri(address, "disk");
    }

    static SocketAddress listenUnix(NbdServer server, Path directory) throws IOException {
        return server.listen(UnixDomainSocketAddress.of(directory.resolve("nbd.sock")));
    }
}
