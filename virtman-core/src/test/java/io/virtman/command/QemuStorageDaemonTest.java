package io.virtman.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The daemon's arguments, and a monitor that may say anything. */
@Timeout(30)
class QemuStorageDaemonTest {
    private static final String GREETING =
            "{\"QMP\": {\"version\": {\"qemu\": {\"major\": 7}}, \"capabilities\": [\"oob\"]}}\n";
    private static final String NEGOTIATED = GREETING + "{\"return\": {}, \"id\": 1}\n";
    private static final String EVENT =
            "{\"timestamp\": {\"seconds\": 1}, \"event\": \"BLOCK_EXPORT_DELETED\"}\n";

    @TempDir private Path directory;

    private List<String> arguments(Path systemd) {
        return new QemuStorageDaemon(new ProcessCommandRunner(), "qsd", systemd)
                .arguments(
                        new QemuStorageDaemon.Daemon(
                                Path.of("/l/a\"b.qcow2"),
                                QemuStorageDaemon.FileIo.IO_URING,
                                Path.of("/e/.vm/disk"),
                                Path.of("/r/a,b.qmp"),
                                Path.of("/r/vm.pid")));
    }

    @Test
    void thereIsOneLayerAndOneExport() {
        assertThat(arguments(directory.resolve("none")))
                .containsExactly(
                        "qsd",
                        "--pidfile",
                        "/r/vm.pid",
                        "--chardev",
                        "socket,id=monitor,server=on,wait=off,path=/r/a,,b.qmp",
                        "--monitor",
                        "chardev=monitor",
                        "--blockdev",
                        "{\"driver\":\"file\",\"node-name\":\"file\",\"filename\":\"/l/a\\\"b.qcow2\","
                                + "\"aio\":\"io_uring\",\"discard\":\"unmap\"}",
                        "--blockdev",
                        "{\"driver\":\"qcow2\",\"node-name\":\"layer\",\"file\":\"file\","
                                + "\"discard\":\"unmap\"}",
                        "--export",
                        "{\"type\":\"fuse\",\"id\":\"layer\",\"node-name\":\"layer\","
                                + "\"mountpoint\":\"/e/.vm/disk\",\"writable\":true,"
                                + "\"growable\":false,\"allow-other\":\"on\"}");
    }

    @Test
    void whereSystemdRunsItHasAScopeOfItsOwn() {
        assertThat(arguments(directory))
                .startsWith("systemd-run", "--scope", "--quiet", "--collect", "--", "qsd");
    }

    /** Says this to whoever connects, whatever he says; then stays silent, or hangs up. */
    private Path monitor(String text, boolean hangUp) throws IOException {
        Path socket = directory.resolve("monitor");
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        var _ =
                Thread.ofVirtual()
                        .start(() -> {
                            try (server;
                                    SocketChannel client = server.accept()) {
                                ByteBuffer bytes =
                                        ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                                while (bytes.hasRemaining()) {
                                    client.write(bytes);
                                }
                                ByteBuffer heard = ByteBuffer.allocate(4096);
                                while (!hangUp && client.read(heard.clear()) >= 0) {}
                            } catch (IOException e) {
                                return; // the client left
                            }
                        });
        return socket;
    }

    private boolean exports(String text) throws IOException {
        return QemuStorageDaemon.exports(monitor(text, false), Duration.ofSeconds(10));
    }

    @Test
    void anExportIsFoundBehindEvents() throws Exception {
        assertThat(
                        exports(
                                NEGOTIATED
                                        + EVENT
                                        + EVENT
                                        + "{\"return\": [{\"id\": \"other\"}, {\"id\": \"layer\","
                                        + " \"shutting-down\": false}], \"id\": 2}\n"))
                .isTrue();
    }

    @Test
    void oneThatEndsIsNone() throws Exception {
        assertThat(
                        exports(
                                NEGOTIATED
                                        + "{\"return\": [{\"id\": \"layer\","
                                        + " \"shutting-down\": true}], \"id\": 2}\n"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello\n",
                "{}\n",
                "[]\n",
                "{\"QMP\": 1}\n",
                "{\"QMP\": {\"version\": {}}} trailing\n",
                GREETING + "{\"return\": {}, \"id\": 7}\n",
                GREETING + "{\"return\": {}}\n",
                GREETING + "{\"id\": 1}\n",
                NEGOTIATED
                        + "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}, \"id\": 2}\n",
                NEGOTIATED + "{\"return\": [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]], \"id\": 2}\n"
            })
    void whatIsNotTheProtocolIsRefused(String text) {
        assertThatThrownBy(() -> exports(text))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void aLineWithoutEndIsNotKept() {
        assertThatThrownBy(() -> exports("x".repeat(3 << 20)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("without end");
    }

    @Test
    void silenceHasALimitAlsoBetweenEvents() throws Exception {
        Path socket = monitor(NEGOTIATED + EVENT, false);
        assertThatThrownBy(() -> QemuStorageDaemon.exports(socket, Duration.ofMillis(300)))
                .isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void oneThatHangsUpOrIsNotThereIsAnError() throws Exception {
        Path socket = monitor(GREETING, true);
        assertThatThrownBy(() -> QemuStorageDaemon.quit(socket, Duration.ofSeconds(10)))
                .isInstanceOf(IOException.class);
        Files.deleteIfExists(socket);
        assertThatThrownBy(() -> QemuStorageDaemon.quit(socket, Duration.ofSeconds(10)))
                .isInstanceOf(IOException.class);
    }
}
