package io.virtman.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.block.BlockSource;
import io.virtman.testing.MemoryBlockSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Long reads leave in parts; some parts may be here and others not. */
@Timeout(30)
class LongReadTest {
    private static final Duration LONG = TestServers.LONG;
    private static final int SIZE = 5_000_000;

    /** Has what lies before a boundary at once, the rest only by waiting. */
    private record HalfHere(MemoryBlockSource source, int boundary) implements BlockSource {
        @Override
        public long size() {
            return source.size();
        }

        @Override
        public void read(long offset, ByteBuffer target) throws IOException {
            source.read(offset, target);
        }

        @Override
        public boolean readNow(long offset, ByteBuffer target) {
            if (offset + target.remaining() > boundary) {
                return false;
            }
            source.read(offset, target);
            return true;
        }
    }

    @Test
    void partsThatAreHereAndPartsThatAreNotMakeOneReply() throws Exception {
        MemoryBlockSource content = MemoryBlockSource.random(SIZE, 5);
        for (int boundary : new int[] {0, 1, 262_143, 262_145, 1_000_000, SIZE}) {
            BlockSource source = new HalfHere(content, boundary);
            try (NbdServer server =
                            new NbdServer(
                                    "t",
                                    TestServers.catalog(Map.of("disk", source)),
                                    NbdServerLimits.standard());
                    NbdClient client =
                            NbdClient.connect(
                                    new NbdUri(TestServers.listenTcp(server), "disk"), LONG)) {
                for (int offset : new int[] {0, 77, 262_144}) {
                    ByteBuffer target = ByteBuffer.allocate(SIZE - offset - 3);
                    client.read(offset, target, LONG);
                    assertThat(target.flip())
                            .isEqualTo(
                                    ByteBuffer.wrap(content.content(), offset, SIZE - offset - 3));
                }
            }
        }
    }
}
