package io.virtman.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Wrong arguments and surroundings: exit status and one line that says what to do. */
@Timeout(60)
class ExportRefusalTest {
    @TempDir Path directory;
    private ExportScene scene;
    private String image;
    private String socket;

    @BeforeEach
    void open() throws Exception {
        scene = new ExportScene(directory);
        image = scene.disk("disk.raw").toString();
        socket = scene.path("s").toString();
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    @Test
    void wrongArgumentsExitWith2() throws Exception {
        assertThat(RunningExport.fail("--socket", socket)).startsWith("2 ").contains("--image");
        assertThat(RunningExport.fail("--image", image)).startsWith("2 ").contains("--socket");
        assertThat(RunningExport.fail("--image", image, "--parent", "nbd://h", "--socket", socket))
                .startsWith("2 ")
                .contains("mutually exclusive");
        assertThat(RunningExport.fail("--image", image, "--socket", socket, "--listen", "[::1]:0"))
                .startsWith("2 ")
                .contains("expected only one");
        line("2 virtman: --format: 'vmdk'", "--image", image, "--format", "vmdk");
        line("2 virtman: --format: is missing", "--image", "disk.qcow2");
        line("2 virtman: --parent http://x: the scheme is not an NBD one", "--parent", "http://x");
        line("2 virtman: --digest: 'abc' is not", "--parent", "nbd://127.0.0.1", "--digest", "abc");
        assertThat(RunningExport.fail("--image", image, "--listen", "0.0.0.0:0"))
                .startsWith("2 virtman: --listen: ")
                .contains("--insecure-no-tls");
    }

    @Test
    void failuresExitWith1() throws Exception {
        line("1 virtman: --image /nowhere.raw: does not exist", "--image", "/nowhere.raw");
        line(
                "1 virtman: /nowhere: does not exist",
                "--image",
                "/nowhere",
                "--format",
                "qcow2",
                "--cache",
                scene.path("c").toString());
        line("2 virtman: --image " + directory, "--image", directory + "", "--format", "raw");
        line("1 virtman: --parent: none can be used", "--parent", "nbd://127.0.0.1:1/");
        line("1 virtman: --cache: /proc/x can't be", "--image", image, "--cache", "/proc/x");
    }

    private void line(String beginning, String... arguments) throws Exception {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--socket";
        all[arguments.length + 1] = socket;
        assertThat(RunningExport.fail(all)).startsWith(beginning).hasLineCount(1);
    }

    @Test
    void addressesInUseAreRefused() throws Exception {
        try (RunningExport export = RunningExport.start(Path.of(socket), "--image", image);
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            line("1 virtman: --socket: another process listens on " + socket, "--image", image);
            assertThat(
                            RunningExport.fail(
                                    "--image",
                                    image,
                                    "--listen",
                                    "127.0.0.1:" + taken.getLocalPort()))
                    .startsWith("1 virtman: --listen: cannot listen on")
                    .contains("give another address")
                    .hasLineCount(1);
            scene.run("nbdinfo", export.uri());
        }
        Path file = Files.createFile(scene.path("file"));
        assertThat(RunningExport.fail("--image", image, "--socket", file.toString()))
                .startsWith("1 virtman: --socket: " + file + " exists and is not a socket");
    }
}
