package io.virtman.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ImageState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are read on several nodes while their origin fetches them from a server. */
class RemoteImageTest {
    @TempDir private Path directory;
    private RemoteScene scene;

    @BeforeEach
    void start() throws IOException {
        scene = new RemoteScene(directory);
    }

    @AfterEach
    void stop() throws IOException {
        scene.close();
    }

    @Test
    void aChainReadsAnImageThatIsStillImportedAndStaysOverItsSeal() throws Exception {
        RemoteScene.Host origin = scene.host("origin");
        ImageRecord image = origin.node.importRemote(scene.raw(RemoteScene.SLOW));
        assertThat(image.state()).isEqualTo(ImageState.IMPORTING);
        assertThat(image.size()).isEqualTo(RemoteScene.SIZE);
        assertThat(origin.node.importRemote(scene.raw(RemoteScene.SLOW)).id())
                .isEqualTo(image.id());
        RemoteScene.Host first = scene.host("m1");
        RemoteScene.Host second = scene.host("m2");
        first.node.create("vm1", "debian", null);
        second.node.create("vm2", "debian", null);
        origin.node.create("vm0", "debian", null);
        scene.read(second.layer("vm2"), "6M", "64k");
        assertThat(scene.server.answered).contains("6291456-6815743");
        scene.read(origin.layer("vm0"), "5M", "4k");
        scene.compare(second.layer("vm2"));
        assertThat(scene.server.answered).doesNotHaveDuplicates();
        var received = second.node.report().images().getFirst().bytesInByParent();
        assertThat(received.get("m1")).isGreaterThan(5L << 20);
        assertThat(received.get("origin")).isBetween(1L, 200_000L); // pages

        scene.await(ImageState.SEALED); // all of it was read
        NodeScene.await(() -> scene.isSealed("m1") && scene.isSealed("m2"));
        scene.compare(second.layer("vm2"));
        scene.compare(first.layer("vm1"));
        scene.compare(origin.layer("vm0"));
        assertThat(first.node.report().peerBytesIn()).isLessThan(RemoteScene.SIZE * 11L / 10);

        origin.end(); // a restart finds the chunks again, with everybody else away
        second.end();
        scene.voltIsAway = true;
        first.end();
        RemoteScene.Host again = scene.host("m1");
        scene.read(again.layer("vm1"), "0", "8M");
        assertThat(again.node.report().peerBytesIn()).isLessThan(64 << 10);
    }

    @Test
    void aFileThatDoesNotMatchItsHashIsNeverSealed() throws Exception {
        RemoteScene.Host origin = scene.host("origin");
        RemoteScene.Host member = scene.host("m1");
        RemoteImage wrong =
                new RemoteImage(
                        "debian",
                        scene.server.url(),
                        Map.of(),
                        "raw",
                        RemoteScene.SIZE,
                        "sha256",
                        "0".repeat(64),
                        4 << 20);
        origin.node.importRemote(wrong);
        member.node.create("vm1", "debian", null);
        scene.read(member.layer("vm1"), "0", "64k");
        scene.await(ImageState.FAILED);
        assertThat(scene.volt.image("debian").failure()).contains("does not match its hash");
        NodeScene.await(() -> {
            try {
                scene.read(member.layer("vm1"), "0", "64k");
                return false;
            } catch (IOException e) {
                return true;
            }
        });
        assertThatThrownBy(() -> member.node.create("vm2", "debian", null))
                .isInstanceOf(ProblemException.class);
        assertThat(directory.resolve("origin/data/remote/debian")).doesNotExist();
    }

    @Test
    void aRestartBeginsAnewAndWaitsForTheCredential() throws Exception {
        scene.server.token = "secret-one";
        RemoteScene.Host origin = scene.host("origin");
        ImageRecord image = origin.node.importRemote(scene.raw(RemoteScene.SLOW));
        origin.node.create("vm0", "debian", null);
        scene.read(origin.layer("vm0"), "4M", "64k");
        origin.end();
        try (var files = Files.walk(directory.resolve("origin"))) {
            for (Path one : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(one, StandardCharsets.ISO_8859_1))
                        .doesNotContain("secret-one");
            }
        }
        scene.server.token = "secret-two";
        RemoteScene.Host again = scene.host("origin");
        ImportProgress progress = again.node.importProgress(image.id());
        assertThat(progress.waiting()).contains("not known");
        again.node.renewCredential(image.id(), Map.of("X-Auth-Token", "secret-one"));
        NodeScene.await(() ->
                String.valueOf(again.node.importProgress(image.id()).waiting()).contains("401"));
        again.node.renewCredential(image.id(), Map.of("X-Auth-Token", "secret-two"));
        scene.compare(again.layer("vm0"));
        scene.await(ImageState.SEALED);
        scene.compare(again.layer("vm0"));
    }

    @Test
    void anOutageOfTheServerIsWaitedOut() throws Exception {
        RemoteScene.Host origin = scene.host("origin");
        ImageRecord image = origin.node.importRemote(scene.raw(4 << 20));
        scene.server.status = 503;
        NodeScene.await(() -> scene.server.refusals.get() > 70); // 50 useless answers would end it
        assertThat(origin.node.importProgress(image.id()).waiting()).contains("status 503");
        assertThat(scene.volt.image("debian").state()).isEqualTo(ImageState.IMPORTING);
        scene.server.status = 0;
        scene.await(ImageState.SEALED);
        origin.node.create("vm0", "debian", null);
        scene.compare(origin.layer("vm0"));
    }

    @Test
    void removalInMidImportLeavesNothing() throws Exception {
        RemoteScene.Host origin = scene.host("origin");
        ImageRecord image = origin.node.importRemote(scene.raw(RemoteScene.SLOW));
        origin.node.removeSource(image.id());
        assertThat(scene.volt.images()).isEmpty();
        assertThat(directory.resolve("origin/data/remote")).isEmptyDirectory();
        assertThat(directory.resolve("origin/data/remote-records")).isEmptyDirectory();
        assertThat(directory.resolve("origin/data/attachments")).isEmptyDirectory();
        assertThat(origin.node.importRemote(scene.raw(RemoteScene.FAST)).id())
                .isNotEqualTo(image.id());
        scene.await(ImageState.SEALED);
    }

    @Test
    void theImportGoesOnWhileVoltIsAway() throws Exception {
        RemoteScene.Host origin = scene.host("origin");
        origin.node.importRemote(scene.raw(4 << 20));
        scene.voltIsAway = true;
        Path imported = directory.resolve("origin/data/sources");
        NodeScene.await(() -> {
            try (var files = Files.walk(imported)) {
                return files.anyMatch(one -> one.endsWith("manifest.properties"));
            } catch (IOException e) {
                return false;
            }
        });
        scene.voltIsAway = false;
        scene.await(ImageState.SEALED);
    }

    @Test
    void aQcow2IsReadWhileItIsFetched() throws Exception {
        Path qcow2 = directory.resolve("disk.qcow2");
        scene.run(
                "qemu-img",
                "convert",
                "-f",
                "raw",
                "-O",
                "qcow2",
                scene.file.toString(),
                qcow2.toString());
        scene.server.content = Files.readAllBytes(qcow2);
        RemoteImage image =
                new RemoteImage(
                        "debian",
                        scene.server.url(),
                        Map.of(),
                        "qcow2",
                        scene.server.content.length,
                        "sha512",
                        scene.server.sha512(),
                        RemoteScene.SLOW);
        RemoteScene.Host origin = scene.host("origin");
        assertThat(origin.node.importRemote(image).size()).isEqualTo(RemoteScene.SIZE);
        RemoteScene.Host member = scene.host("m1");
        member.node.create("vm1", "debian", null);
        scene.read(member.layer("vm1"), "4M", "64k");
        assertThat(scene.volt.image("debian").state()).isEqualTo(ImageState.IMPORTING);
        scene.compare(member.layer("vm1"));
        scene.await(ImageState.SEALED);
        NodeScene.await(() -> scene.isSealed("m1"));
        scene.compare(member.layer("vm1"));
    }

    @Test
    void aQcow2WithABackingFileIsRefused() throws Exception {
        Path qcow2 = directory.resolve("disk.qcow2");
        scene.run(
                "qemu-img",
                "create",
                "-f",
                "qcow2",
                "-b",
                scene.file.toString(),
                "-F",
                "raw",
                qcow2.toString());
        scene.server.content = Files.readAllBytes(qcow2);
        RemoteScene.Host origin = scene.host("origin");
        RemoteImage image =
                new RemoteImage(
                        "debian",
                        scene.server.url(),
                        Map.of(),
                        "qcow2",
                        scene.server.content.length,
                        "sha512",
                        scene.server.sha512(),
                        RemoteScene.FAST);
        assertThatThrownBy(() -> origin.node.importRemote(image))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("backing");
        assertThat(scene.volt.images()).isEmpty();
        assertThat(directory.resolve("origin/data/remote-records")).isEmptyDirectory();
    }
}
