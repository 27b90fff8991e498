package io.virtman.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.testing.MemoryBlockSource;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What keeps one client from taking the server away from the others. */
@Timeout(30)
class NbdServerLimitsTest {
    private static final Duration LONG = TestServers.LONG;

    @TempDir Path directory;

    @Test
    void idleHalfOpenConnectionsKeepNobodyOut() throws Exception {
        try (NbdServer server = TestServers.server(MemoryBlockSource.random(4096, 1))) {
            SocketAddress address = TestServers.listenTcp(server);
            List<SocketChannel> idle = new ArrayList<>();
            try {
                for (int i = 0; i < 100; i++) {
                    idle.add(SocketChannel.open(address));
                }
                try (NbdClient client = NbdClient.connect(TestServers.uri(address), LONG)) {
                    client.read(0, ByteBuffer.allocate(4096), LONG);
                }
            } finally {
                for (SocketChannel channel : idle) {
                    channel.close();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theHandshakeHasADeadline(boolean unix) throws Exception {
        NbdServerLimits limits = TestServers.shortHandshake(Duration.ofMillis(100));
        try (NbdServer server = TestServers.server(MemoryBlockSource.random(10, 1), limits)) {
            SocketAddress address =
                    unix
                            ? TestServers.listenUnix(server, directory)
                            : TestServers.listenTcp(server);
            try (SocketChannel idle = SocketChannel.open(address)) {
                ByteBuffer received = ByteBuffer.allocate(100);
                int count = 0;
                while (count >= 0) { // ends when the server closes
                    count = idle.read(received);
                }
                assertThat(received.position()).isEqualTo(18);
            }
        }
    }

    @Test
    void theDeadlineDoesNotEndServedConnections() throws Exception {
        NbdServerLimits limits = TestServers.shortHandshake(Duration.ofMillis(300));
        try (NbdServer server = TestServers.server(MemoryBlockSource.random(10, 1), limits)) {
            SocketAddress address = TestServers.listenTcp(server);
            try (NbdClient client = NbdClient.connect(TestServers.uri(address), LONG);
                    SocketChannel idle = SocketChannel.open(address)) {
                ByteBuffer received = ByteBuffer.allocate(100);
                int count = 0;
                while (count >= 0) { // this later one was ended by its deadline
                    count = idle.read(received);
                }
                client.read(0, ByteBuffer.allocate(10), LONG);
            }
        }
    }

    @Test
    void connectionsBeyondTheMaximumAreClosedAtOnce() throws Exception {
        NbdServerLimits limits = new NbdServerLimits(2, LONG, 65_536, 65_536);
        try (NbdServer server = TestServers.server(MemoryBlockSource.random(10, 1), limits)) {
            SocketAddress address = TestServers.listenTcp(server);
            NbdUri uri = TestServers.uri(address);
            try (NbdClient first = NbdClient.connect(uri, LONG);
                    NbdClient second = NbdClient.connect(uri, LONG)) {
                assertThatThrownBy(() -> NbdClient.connect(uri, LONG))
                        .isInstanceOf(IOException.class);
                first.read(0, ByteBuffer.allocate(10), LONG);
                second.read(0, ByteBuffer.allocate(10), LONG);
            }
        }
    }
}
