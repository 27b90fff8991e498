package io.virtman.app.export;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import io.virtman.nbd.NbdClient;
import io.virtman.nbd.NbdUri;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A parent's disk over one connection, for reading it through once. Many threads may read. */
final class ParentDisk implements BlockSource {
    private static final Duration READ_BOUND = Duration.ofSeconds(30);

    private final NbdClient client;
    private @Nullable Extent last; // one question serves all of a long run of data

    private ParentDisk(NbdClient client) {
        this.client = client;
    }

    static ParentDisk connect(NbdUri uri) throws IOException {
        return new ParentDisk(NbdClient.connect(uri, ProbedParent.CONNECT_BOUND));
    }

    @Override
    public long size() {
        return client.size();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        client.read(offset, target, READ_BOUND);
    }

    @Override
    public synchronized Extent extent(long offset, long length) throws IOException {
        Extent known = last;
        if (known == null || offset < known.offset() || offset >= known.end()) {
            known = client.extent(offset, length, READ_BOUND);
            last = known;
        }
        return new Extent(offset, Math.min(known.end() - offset, length), known.hole());
    }

    @Override
    public void close() {
        client.close();
    }
}
