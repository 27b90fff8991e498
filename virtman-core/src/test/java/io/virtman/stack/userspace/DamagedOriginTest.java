package io.virtman.stack.userspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.nbd.NbdClient;
import io.virtman.nbd.NbdError;
import io.virtman.testing.TestImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An origin whose own disk rots: errors where it did, the right bytes everywhere else. */
class DamagedOriginTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int SIZE = 1_000_000;
    private static final int DAMAGED = 400_000;

    @TempDir Path directory;

    @Test
    void guestsAndChildrenGetAnErrorThereAndTheRestElsewhere() throws Exception {
        TestImage image = TestImage.random(directory.resolve("image"), SIZE, 7);
        try (StackScene origin = new StackScene(directory.resolve("o"));
                StackScene member = new StackScene(directory.resolve("m"))) {
            origin.origin("image", image);
            try (FileChannel file =
                    FileChannel.open(image.files().raw(), StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.allocate(4).order(ByteOrder.BIG_ENDIAN), DAMAGED);
            }
            member.member("image", image, 1, origin);
            for (StackScene scene : Arrays.asList(origin, member)) {
                try (NbdClient guest = NbdClient.connect(scene.guestUri("image", "vm"), LONG)) {
                    assertThatThrownBy(() -> read(guest, DAMAGED - 10, 100))
                            .isInstanceOf(NbdError.class);
                    for (int at : new int[] {0, 131_072, 700_000, SIZE - 5000}) {
                        assertThat(read(guest, at, 5000))
                                .isEqualTo(Arrays.copyOfRange(image.content(), at, at + 5000));
                    }
                }
            }
            assertThat(member.complaints).isEmpty();
        }
    }

    private static byte[] read(NbdClient client, long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        client.read(offset, ByteBuffer.wrap(bytes), LONG);
        return bytes;
    }
}
