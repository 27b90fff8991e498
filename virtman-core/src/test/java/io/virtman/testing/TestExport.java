package io.virtman.testing;

import io.virtman.block.BlockSource;
import io.virtman.block.LentSource;
import io.virtman.nbd.ExportCatalog;
import io.virtman.nbd.NbdRefusal;
import io.virtman.nbd.NbdServer;
import io.virtman.nbd.NbdServerLimits;
import io.virtman.nbd.NbdUri;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;

/** One source served under any name by a real server, which may die and come back. */
public final class TestExport implements Closeable {
    /** The one name that is refused. */
    public static final String UNKNOWN = "unknown";

    private final BlockSource source;
    private NbdServer server;
    private SocketAddress address;

    private TestExport(BlockSource source, SocketAddress address) throws IOException {
        this.source = source;
        this.server = newServer();
        this.address = server.listen(address);
    }

    /** Serves on a free TCP port of the loopback interface. */
    public static TestExport tcp(BlockSource source) throws IOException {
        return at(source, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    public static TestExport at(BlockSource source, SocketAddress address) throws IOException {
        return new TestExport(source, address);
    }

    private NbdServer newServer() {
        return new NbdServer("test", new Catalog(), NbdServerLimits.standard());
    }

    private final class Catalog implements ExportCatalog {
        @Override
        public List<String> names() {
            return List.of("");
        }

        @Override
        public BlockSource open(String name) throws NbdRefusal {
            if (name.equals(UNKNOWN)) {
                throw new NbdRefusal(NbdRefusal.Reason.UNKNOWN, "no such export");
            }
            return new LentSource(source);
        }
    }

    public SocketAddress address() {
        return address;
    }

    public NbdUri uri() {
        return address instanceof InetSocketAddress tcp
                ? new NbdUri(
                        InetSocketAddress.createUnresolved(
                                tcp.getAddress().getHostAddress(), tcp.getPort()),
                        "")
                : new NbdUri(address, "");
    }

    public NbdServer server() {
        return server;
    }

    /** After {@link #close}: serves at the same address again. */
    public void comeBack() throws IOException {
        server = newServer();
        address = server.listen(address);
    }

    /** Ends all connections and gives up the address. */
    @Override
    public void close() throws IOException {
        server.close();
    }
}
