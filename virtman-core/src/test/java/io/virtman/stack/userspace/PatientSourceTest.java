package io.virtman.stack.userspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import io.virtman.block.UnreachableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which failures a guest is spared. */
class PatientSourceTest {
    /** Fails as told, each time after it has written something, and then succeeds. */
    private record Failing(Deque<IOException> failures) implements BlockSource {
        @Override
        public long size() {
            return 1 << 20;
        }

        @Override
        public void read(long offset, ByteBuffer target) throws IOException {
            target.put((byte) 9);
            fail();
            target.position(target.position() - 1);
            while (target.hasRemaining()) {
                target.put((byte) offset);
            }
        }

        @Override
        public Extent extent(long offset, long length) throws IOException {
            fail();
            return new Extent(offset, length, false);
        }

        private void fail() throws IOException {
            IOException failure = failures.poll();
            if (failure != null) {
                throw failure;
            }
        }

        @Override
        public void close() {}
    }

    private static PatientSource source(Duration patience, IOException... failures) {
        return new PatientSource(new Failing(new ArrayDeque<>(List.of(failures))), patience);
    }

    @Test
    void whoCantBeReachedIsAskedAgain() throws Exception {
        PatientSource source =
                source(
                        Duration.ofMinutes(1),
                        new UnreachableException("nobody"),
                        new IOException("as told by another", new UnreachableException("nobody")));
        ByteBuffer target = ByteBuffer.allocate(4).position(1);
        source.read(5, target);
        assertThat(target.array()).containsExactly(0, 5, 5, 5);
        assertThat(target.hasRemaining()).isFalse();
        assertThat(
                        source(Duration.ofMinutes(1), new UnreachableException("nobody"))
                                .extent(0, 4)
                                .length())
                .isEqualTo(4);
    }

    @Test
    void whatElseFailsFailsAtOnce() {
        PatientSource source = source(Duration.ofMinutes(1), new IOException("damaged"));
        assertThatThrownBy(() -> source.read(0, ByteBuffer.allocate(1))).hasMessage("damaged");
    }

    @Test
    void patienceEnds() {
        PatientSource source = source(Duration.ZERO, new UnreachableException("nobody"));
        assertThatThrownBy(() -> source.read(0, ByteBuffer.allocate(1))).hasMessage("nobody");
    }
}
