package io.virtman.stack.userspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.nbd.NbdClient;
import io.virtman.nbd.NbdRefusal;
import io.virtman.nbd.NbdRefusal.Reason;
import io.virtman.stack.AttachedImage;
import io.virtman.stack.ReadFootprint;
import io.virtman.testing.TestImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class UserspaceStackTest {
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final int SIZE = 900_000;

    @TempDir Path directory;
    private TestImage image = TestImage.NONE;

    @BeforeEach
    void makeImage() throws IOException {
        image = TestImage.sparse(directory.resolve("image"), SIZE, 1);
    }

    private StackScene host(String name) throws IOException {
        return new StackScene(directory.resolve(name));
    }

    private static byte[] read(NbdClient client, long offset, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        client.read(offset, target, DEADLINE);
        return target.array();
    }

    /** Guests see the disk, children disk and tree; each chunk leaves the origin once. */
    @Test
    void aChainOfHostsServesTheImage() throws Exception {
        try (StackScene origin = host("origin");
                StackScene first = host("first");
                StackScene second = host("second");
                AttachedImage top = origin.origin("img", image);
                AttachedImage middle = first.member("img", image, 1, origin);
                AttachedImage bottom = second.member("img", image, 2, first, origin)) {
            for (int vm = 0; vm < 3; vm++) {
                try (NbdClient guest =
                        NbdClient.connect(second.guestUri("img", "vm" + vm), DEADLINE)) {
                    assertThat(guest.size()).isEqualTo(SIZE);
                    assertThat(guest.readOnly()).isTrue();
                    assertThat(read(guest, 0, SIZE)).isEqualTo(image.content());
                }
            }
            try (NbdClient child = NbdClient.connect(second.uri(image, 3), DEADLINE)) {
                assertThat(child.size()).isEqualTo(image.whole().length);
                assertThat(read(child, 0, image.whole().length)).isEqualTo(image.whole());
            }
            long fromFirst = bottom.traffic().bytesInByParent().getOrDefault("host0", 0L);
            assertThat(fromFirst).isBetween(SIZE / 10L, SIZE * 11L / 10);
            assertThat(bottom.traffic().bytesInByParent()).containsEntry("host1", 0L);
            assertThat(origin.stack.peerBytesOut()).isBetween(SIZE / 10L, SIZE * 11L / 10);
            assertThat(middle.traffic().cachedBytes()).isEqualTo(bottom.traffic().cachedBytes());
            assertThat(bottom.traffic().guestBytesOut()).isGreaterThan(SIZE);
            assertThat(bottom.footprint("vm1").guestBytes()).isGreaterThanOrEqualTo(SIZE);
            assertThat(bottom.footprint("nobody")).isEqualTo(ReadFootprint.Size.NONE);
            assertThat(bottom.parentStates()).containsEntry("host0", "works");
            assertThat(top.parentStates()).isEmpty();
        }
    }

    private static void refused(StackScene host, String export, Reason reason) {
        assertThatThrownBy(() -> NbdClient.connect(host.uri(export), DEADLINE))
                .isInstanceOfSatisfying(
                        NbdRefusal.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void aChildMustBeFurtherFromTheOrigin() throws Exception {
        String digest = image.sealed().digest().hex();
        try (StackScene origin = host("origin");
                StackScene host = host("host");
                AttachedImage _ = origin.origin("img", image);
                AttachedImage member = host.member("img", image, 2, origin)) {
            for (int level : new int[] {1, 2}) {
                refused(host, digest + "@" + level, Reason.POLICY);
            }
            NbdClient.connect(host.uri(digest + "@3"), DEADLINE).close();
            NbdClient.connect(host.uri(digest + "@999999"), DEADLINE).close();
            NbdClient.connect(origin.uri(digest + "@1"), DEADLINE).close();
            member.update(StackScene.list(origin), 5);
            refused(host, digest + "@5", Reason.POLICY);
            NbdClient.connect(host.uri(digest + "@6"), DEADLINE).close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "@1",
                "DIGEST",
                "DIGEST@",
                "DIGEST@0",
                "DIGEST@-1",
                "DIGEST@01",
                "DIGEST@1000000",
                "DIGEST@99999999999999999999",
                "DIGEST@1 ",
                "DIGEST@1\n",
                " DIGEST@1",
                "../DIGEST@1",
                "DIGEST@1@1",
                "DIGEST@\u0661",
                "\u0000",
                "0000000000000000000000000000000000000000000000000000000000000000@1"
            })
    void namesThatAreNoneAreUnknown(String pattern) throws Exception {
        String name = pattern.replace("DIGEST", image.sealed().digest().hex());
        try (StackScene origin = host("origin");
                AttachedImage _ = origin.origin("img", image)) {
            if (name.equals("\u0000")) {
                assertThatThrownBy(() -> origin.uri(name)).hasMessageContaining("NUL");
            } else {
                refused(origin, name, Reason.UNKNOWN);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"../vm", "a b", "/", "vm/1", "VM\n"})
    void guestsWithImproperNamesAreRefused(String vm) throws Exception {
        try (StackScene origin = host("origin");
                AttachedImage attached = origin.origin("img", image)) {
            assertThatThrownBy(() -> NbdClient.connect(origin.guestUri("img", vm), DEADLINE))
                    .isInstanceOf(NbdRefusal.class);
            NbdClient.connect(origin.guestUri("img", ""), DEADLINE).close();
            assertThat(attached.footprint(vm)).isEqualTo(ReadFootprint.Size.NONE);
        }
    }

    @Test
    void aDetachedImageIsGoneAndMayBeAttachedAgain() throws Exception {
        String digest = image.sealed().digest().hex();
        try (StackScene origin = host("origin");
                StackScene host = host("host");
                AttachedImage _ = origin.origin("img", image)) {
            try (AttachedImage first = host.member("img", image, 1, origin)) {
                assertThatThrownBy(() -> host.member("img", image, 1, origin))
                        .isInstanceOf(IOException.class);
                assertThat(host.socket("img")).exists();
                try (NbdClient guest = NbdClient.connect(host.guestUri("img", "vm"), DEADLINE)) {
                    assertThat(read(guest, 0, SIZE)).isEqualTo(image.content());
                }
                assertThat(first.id()).isEqualTo("img");
            }
            assertThat(host.socket("img")).doesNotExist();
            refused(host, digest + "@2", Reason.UNKNOWN);
            try (AttachedImage again = host.member("img", image, 1, origin);
                    NbdClient guest = NbdClient.connect(host.guestUri("img", "vm"), DEADLINE)) {
                assertThat(read(guest, 0, SIZE)).isEqualTo(image.content());
                assertThat(again.traffic().bytesInByParent())
                        .as("all in the cache")
                        .isEqualTo(Map.of("host0", 0L));
            }
        }
    }

    @Test
    void layersAreMadeOnceAndDestroyedForGood() throws Exception {
        try (StackScene origin = host("origin");
                AttachedImage attached = origin.origin("img", image)) {
            long size = 1 << 20;
            Path layer = origin.stack.createLayer("vm", attached, size);
            assertThat(layer).isEqualTo(origin.stack.layer("vm")).exists();
            byte[] guestData = "written by the guest".getBytes(StandardCharsets.UTF_8);
            Files.write(layer, guestData);
            assertThat(origin.stack.createLayer("vm", attached, size)).isEqualTo(layer);
            assertThat(layer).hasBinaryContent(guestData);
            try (var files = Files.list(origin.directory.resolve("layers"))) {
                assertThat(files).containsExactly(layer);
            }
            origin.stack.destroyLayer("vm");
            origin.stack.destroyLayer("vm");
            assertThat(layer).doesNotExist();
        }
    }

    /** A crash in the middle of making a layer leaves a half one, which is not taken for whole. */
    @Test
    void aHalfMadeLayerIsMadeAnew() throws Exception {
        try (StackScene origin = host("origin");
                AttachedImage attached = origin.origin("img", image)) {
            Path half = origin.directory.resolve("layers/.vm.new");
            Files.writeString(half, "half");
            Path layer = origin.stack.createLayer("vm", attached, 1 << 20);
            assertThat(half).doesNotExist();
            assertThat(Files.readAllBytes(layer)).startsWith('Q', 'F', 'I', 0xfb);
            Files.writeString(half, "half");
            origin.stack.destroyLayer("vm");
            assertThat(List.of(half, layer)).noneMatch(Files::exists);
        }
    }
}
