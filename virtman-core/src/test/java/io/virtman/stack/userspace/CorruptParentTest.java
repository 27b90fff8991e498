package io.virtman.stack.userspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.block.BlockSource;
import io.virtman.cache.CacheGroup;
import io.virtman.cache.CachedImage;
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
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Parents that lie, over real connections: dropped, named, and never believed. */
@Timeout(60)
class CorruptParentTest {
    private static final int SIZE = 1_000_001;

    /** How a parent lies; it serves [disk padded | tree]. */
    @SuppressWarnings("ImmutableEnumChecker") // the functions keep no state
    enum Lie {
        DATA_BIT(image -> honest(image).flipping(70_000)),
        LAST_BYTE(image -> honest(image).flipping(SIZE - 1)),
        TOP_PAGE(image -> honest(image).flipping(image.whole().length - 3 * 4096)),
        PAGE_OF_HASHES(image -> honest(image).flipping(image.whole().length - 2 * 4096 + 100)),
        PADDING_OF_A_PAGE(image -> honest(image).flipping(image.whole().length - 1)),
        OTHER_CONTENT(
                image -> new FaultyBlockSource(MemoryBlockSource.random(image.whole().length, 99))),
        ZEROES(image ->
                new FaultyBlockSource(new MemoryBlockSource(new byte[image.whole().length]))),
        WITHOUT_TREE(image -> new FaultyBlockSource(image.source(), SIZE)),
        CUT_OFF(image -> new FaultyBlockSource(image.source(), 300_000)),
        ONE_BYTE(image -> new FaultyBlockSource(image.source(), 1)),
        LONGER(image ->
                new FaultyBlockSource(
                                new MemoryBlockSource(
                                        Arrays.copyOf(image.whole(), image.whole().length + 4096)))
                        .flipping(200_000)),
        SHIFTED(image ->
                honest(image)
                        .with((source, offset, target) ->
                                source.read(
                                        Math.min(offset + 4096, source.size() - target.remaining()),
                                        target)));

        private final Function<TestImage, FaultyBlockSource> make;

        Lie(Function<TestImage, FaultyBlockSource> make) {
            this.make = make;
        }

        BlockSource source(TestImage image) {
            return make.apply(image);
        }

        private static FaultyBlockSource honest(TestImage image) {
            return new FaultyBlockSource(image.source());
        }
    }

    @TempDir Path directory;
    private TestImage image = TestImage.NONE;
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    @BeforeEach
    void makeImage() throws IOException {
        image = TestImage.random(directory.resolve("image"), SIZE, 1);
    }

    private void readAll(BlockSource source, long seed) throws IOException {
        Random random = new Random(seed);
        for (int i = 0; i < 20; i++) {
            int offset = random.nextInt((int) source.size());
            int length = 1 + random.nextInt(Math.min(200_000, (int) source.size() - offset));
            compare(source, offset, length);
        }
        compare(source, 0, (int) source.size());
    }

    private void compare(BlockSource source, int offset, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        source.read(offset, target);
        assertThat(Arrays.mismatch(target.array(), image.bytes(offset, length))).isEqualTo(-1);
    }

    @ParameterizedTest
    @EnumSource
    void theNextParentServesAndTheLiarIsNamed(Lie lie) throws Exception {
        try (TestExport liar = TestExport.tcp(lie.source(image));
                TestExport origin = TestExport.tcp(image.source());
                ParentSet parents = parents(liar, origin);
                CacheGroup group = CacheGroup.open(directory.resolve("cache"), 64 << 16);
                CachedImage cached = CachedImage.sealed(image.sealed(), group, parents)) {
            readAll(cached, 1);
            assertThat(complaints).containsExactly("parent0");
            assertThat(parents.states().get("parent0")).startsWith("is dropped (it ");
            assertThat(parents.states()).containsEntry("parent1", "works");
        }
        // what was kept is right, too: no parent is left to mend it
        try (ParentSet none = parents();
                CacheGroup group = CacheGroup.open(directory.resolve("cache"), 64 << 16);
                CachedImage cached = CachedImage.sealed(image.sealed(), group, none)) {
            readAll(cached, 2);
        }
    }

    @Test
    void withNobodyHonestReadsFailAndNameThemAll() throws Exception {
        try (TestExport one = TestExport.tcp(Lie.DATA_BIT.source(image));
                TestExport other = TestExport.tcp(Lie.DATA_BIT.source(image));
                ParentSet parents = parents(one, other);
                CacheGroup group = CacheGroup.open(directory.resolve("cache"), 64 << 16);
                CachedImage cached = CachedImage.sealed(image.sealed(), group, parents)) {
            compare(cached, 0, 65_536);
            assertThatThrownBy(() -> cached.read(65_536, ByteBuffer.allocate(100)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("parent0 sent 65536 bytes at offset 65536")
                    .hasMessageContaining("parent1 sent 65536 bytes at offset 65536");
            assertThat(cached.readNow(65_536, ByteBuffer.allocate(100))).isFalse();
            assertThat(complaints).containsExactly("parent0", "parent1");
            assertThat(group.usedBytes()).isEqualTo(65_536);
            compare(cached, 0, 65_536);
        }
    }

    /** Two levels: the member between believes nothing either, and serves what it has verified. */
    @Test
    void aLiarAboveAMemberDoesNotReachItsChildren() throws Exception {
        try (TestExport liar = TestExport.tcp(Lie.PAGE_OF_HASHES.source(image));
                TestExport origin = TestExport.tcp(image.source());
                ParentSet above = parents(liar, origin);
                CacheGroup group = CacheGroup.open(directory.resolve("cache"), 3 << 16);
                CachedImage member = CachedImage.sealed(image.sealed(), group, above);
                TestExport between = TestExport.tcp(member);
                ParentSet parents = parents(between);
                CacheGroup childGroup = CacheGroup.open(directory.resolve("child"), 3 << 16);
                CachedImage child = CachedImage.sealed(image.sealed(), childGroup, parents)) {
            readAll(child, 3);
            assertThat(complaints).containsExactly("parent0");
            assertThat(parents.states()).containsEntry("parent0", "works");
        }
    }

    private ParentSet parents(TestExport... exports) {
        ParentSet set =
                new ParentSet(PeerTimeouts.standard(), (parent, _) -> complaints.add(parent));
        List<Parent> list = new CopyOnWriteArrayList<>();
        for (TestExport export : exports) {
            list.add(new Parent("parent" + list.size(), List.of(export.uri())));
        }
        set.update(list, 1);
        return set;
    }
}
