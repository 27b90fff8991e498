package io.virtman.stack.userspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.block.BlockSource;
import io.virtman.block.SealedImage;
import io.virtman.cache.CacheGroup;
import io.virtman.cache.CachedImage;
import io.virtman.image.UnsealedSource;
import io.virtman.peer.Parent;
import io.virtman.peer.ParentSet;
import io.virtman.peer.PeerTimeouts;
import io.virtman.testing.FaultyBlockSource;
import io.virtman.testing.MemoryBlockSource;
import io.virtman.testing.TestExport;
import io.virtman.testing.TestImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An image verified by what its origin says of it, before and after its seal. */
@Timeout(60)
class UnsealedImageTest {
    private static final int SIZE = 1_000_001;
    private static final SealedImage NAME = SealedImage.unsealed("some-id", SIZE);

    @TempDir Path directory;
    private TestImage image = TestImage.NONE;
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    @BeforeEach
    void makeImage() throws IOException {
        image = TestImage.random(directory.resolve("image"), SIZE, 1);
    }

    private BlockSource unsealed() {
        return new UnsealedSource(new MemoryBlockSource(image.content()));
    }

    private CacheGroup group() {
        return CacheGroup.open(directory.resolve("cache"), 64 << 16);
    }

    private void compare(BlockSource source, int offset, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        source.read(offset, target);
        assertThat(Arrays.mismatch(target.array(), image.bytes(offset, length))).isEqualTo(-1);
    }

    private ParentSet parents(TestExport... exports) {
        ParentSet set =
                new ParentSet(PeerTimeouts.standard(), (parent, _) -> complaints.add(parent));
        List<Parent> list = new ArrayList<>();
        for (TestExport export : exports) {
            list.add(new Parent("parent" + list.size(), List.of(export.uri())));
        }
        set.update(list, 1);
        return set;
    }

    @Test
    void aLyingParentIsCaughtByTheOriginsWordWhateverPagesItGives() throws Exception {
        BlockSource lie = new FaultyBlockSource(unsealed()).flipping(70_000);
        try (TestExport liar = TestExport.tcp(lie);
                TestExport origin = TestExport.tcp(unsealed());
                ParentSet parents = parents(liar, origin);
                ParentSet vouchers = parents(origin);
                CacheGroup group = group();
                CachedImage cached = CachedImage.unsealed(NAME, group, parents, vouchers)) {
            compare(cached, 0, SIZE);
            assertThat(complaints).containsExactly("parent0");
            assertThat(parents.states().get("parent0")).startsWith("is dropped");
        }
    }

    @Test
    void whatIsCachedIsFoundUnderTheDigestAfterTheSeal() throws Exception {
        try (TestExport origin = TestExport.tcp(unsealed());
                TestExport sealed = TestExport.tcp(image.source());
                ParentSet vouchers = parents(origin);
                ParentSet parents = parents(origin, sealed);
                CacheGroup group = group();
                CachedImage cached = CachedImage.unsealed(NAME, group, parents, vouchers)) {
            compare(cached, 0, 700_000);
            cached.seal(image.sealed());
            assertThat(cached.image()).isEqualTo(image.sealed());
            compare(cached, 0, SIZE);
            assertThat(complaints).isEmpty();
        }
        try (ParentSet none = parents();
                CacheGroup group = group();
                CachedImage again = CachedImage.sealed(image.sealed(), group, none)) {
            compare(again, 0, SIZE);
        }
    }

    @Test
    void whatWasCachedBeforeARestartIsProvenByTheOrigin() throws Exception {
        try (TestExport origin = TestExport.tcp(unsealed());
                ParentSet parents = parents(origin);
                CacheGroup group = group();
                CachedImage cached = CachedImage.unsealed(NAME, group, parents, parents)) {
            compare(cached, 0, SIZE);
        }
        try (TestExport origin = TestExport.tcp(unsealed());
                ParentSet vouchers = parents(origin);
                ParentSet none = parents();
                CacheGroup group = group();
                CachedImage again = CachedImage.unsealed(NAME, group, none, vouchers)) {
            compare(again, 0, SIZE);
        }
    }

    @Test
    void aSealOfOtherContentThanWasVouchedForIsAnError() throws Exception {
        TestImage other = TestImage.random(directory.resolve("other"), SIZE, 2);
        try (TestExport origin = TestExport.tcp(unsealed());
                TestExport liar = TestExport.tcp(other.source());
                ParentSet vouchers = parents(origin);
                ParentSet parents = parents(origin, liar);
                CacheGroup group = group();
                CachedImage cached = CachedImage.unsealed(NAME, group, parents, vouchers)) {
            compare(cached, 0, 65_536);
            cached.seal(other.sealed());
            assertThatThrownBy(() -> cached.read(0, ByteBuffer.allocate(512)))
                    .hasMessageContaining("other content than its origin vouched for");
        }
    }
}
