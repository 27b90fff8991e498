package io.virtman.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.block.Extent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that break the rules get nothing wrong past the client. */
@Timeout(30)
class HostileServerTest {
    private static final int SIZE = 1 << 20;
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final byte DATA = 0x11;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private ServerSocket listening;
    private Future<?> served =
            CompletableFuture.completedFuture(null); // ends with an exception when its script does

    @BeforeEach
    void listen() throws IOException {
        listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void stop() throws Exception {
        listening.close();
        threads.shutdownNow();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    private interface Script {
        void run(RawPeer peer) throws IOException;
    }

    /** Serves one connection by the script. */
    private void serve(Script script) {
        served =
                threads.submit(() -> {
                    try (RawPeer peer = new RawPeer(listening.accept())) {
                        script.run(peer);
                    }
                    return null;
                });
    }

    private NbdClient connect() throws IOException {
        return NbdClient.connect(
                NbdUri.parse("nbd://127.0.0.1:" + listening.getLocalPort() + "/x"),
                TestServers.LONG);
    }

    /** A correct handshake. */
    private static void handshake(RawPeer peer, boolean structured) throws IOException {
        peer.out.writeLong(NbdProtocol.MAGIC);
        peer.out.writeLong(NbdProtocol.OPTION_MAGIC);
        peer.out.writeShort(3);
        peer.in.readInt();
        for (int option = 0; option != NbdProtocol.OPT_GO; ) {
            peer.in.readLong();
            option = peer.in.readInt();
            peer.in.skipNBytes(peer.in.readInt());
            switch (option) {
                case NbdProtocol.OPT_GO -> {
                    ByteBuffer info = ByteBuffer.allocate(12).putShort((short) 0);
                    info.putLong(SIZE).putShort((short) 3);
                    reply(peer, option, NbdProtocol.REP_INFO, info.array());
                    reply(peer, option, NbdProtocol.REP_ACK, new byte[0]);
                }
                case NbdProtocol.OPT_SET_META_CONTEXT -> {
                    byte[] name = NbdProtocol.BASE_ALLOCATION.getBytes(StandardCharsets.UTF_8);
                    byte[] context =
                            ByteBuffer.allocate(4 + name.length).putInt(9).put(name).array();
                    reply(peer, option, NbdProtocol.REP_META_CONTEXT, context);
                    reply(peer, option, NbdProtocol.REP_ACK, new byte[0]);
                }
                default ->
                        reply(
                                peer,
                                option,
                                structured ? NbdProtocol.REP_ACK : NbdProtocol.REP_ERR_UNSUP,
                                new byte[0]);
            }
        }
    }

    private static void reply(RawPeer peer, int option, int type, byte[] data) throws IOException {
        peer.out.writeLong(NbdProtocol.OPTION_REPLY_MAGIC);
        peer.out.writeInt(option);
        peer.out.writeInt(type);
        peer.out.writeInt(data.length);
        peer.out.write(data);
    }

    /** Takes a request and returns its cookie. */
    private static long request(RawPeer peer) throws IOException {
        peer.in.skipNBytes(8);
        long cookie = peer.in.readLong();
        peer.in.skipNBytes(12);
        return cookie;
    }

    private static void chunk(RawPeer peer, int flags, int type, long cookie, byte[] payload)
            throws IOException {
        peer.out.writeInt(NbdProtocol.STRUCTURED_REPLY_MAGIC);
        peer.out.writeShort(flags);
        peer.out.writeShort(type);
        peer.out.writeLong(cookie);
        peer.out.writeInt(payload.length);
        peer.out.write(payload);
    }

    private static byte[] data(long offset, int length) {
        byte[] payload = new byte[8 + length];
        Arrays.fill(payload, DATA);
        ByteBuffer.wrap(payload).putLong(offset);
        return payload;
    }

    private static byte[] hole(long offset, int length) {
        return ByteBuffer.allocate(12).putLong(offset).putInt(length).array();
    }

    /** Answers to a read of 1000 bytes at 5000, all of them wrong. */
    enum Lie {
        BEFORE((p, c) -> chunk(p, 1, 1, c, data(4999, 1000))),
        BEYOND((p, c) -> chunk(p, 1, 1, c, data(5001, 1000))),
        FAR((p, c) -> chunk(p, 1, 1, c, data(-1, 1000))),
        OVERFLOW((p, c) -> chunk(p, 1, 1, c, data(Long.MAX_VALUE, 10))),
        TOO_LITTLE((p, c) -> chunk(p, 1, 1, c, data(5000, 999))),
        GAP((p, c) -> {
            chunk(p, 0, 1, c, data(5000, 499));
            chunk(p, 1, 1, c, data(5500, 500));
        }),
        OVERLAP((p, c) -> {
            chunk(p, 0, 1, c, data(5000, 501));
            chunk(p, 1, 2, c, hole(5500, 500));
        }),
        TWICE((p, c) -> {
            chunk(p, 0, 1, c, data(5000, 1000));
            chunk(p, 1, 1, c, data(5000, 1000));
        }),
        NOTHING((p, c) -> chunk(p, 1, 0, c, new byte[0])),
        NONE_WITH_PAYLOAD((p, c) -> chunk(p, 1, 0, c, new byte[4])),
        NONE_WITHOUT_DONE((p, c) -> chunk(p, 0, 0, c, new byte[0])),
        EMPTY_DATA((p, c) -> chunk(p, 0, 1, c, data(5000, 0))),
        EMPTY_HOLE((p, c) -> chunk(p, 0, 2, c, hole(5000, 0))),
        HUGE_HOLE((p, c) -> chunk(p, 1, 2, c, hole(5000, -1))),
        SHORT_HOLE((p, c) -> chunk(p, 1, 2, c, new byte[11])),
        WRONG_COOKIE((p, c) -> chunk(p, 1, 1, c + 1, data(5000, 1000))),
        UNKNOWN_TYPE((p, c) -> chunk(p, 1, 9, c, new byte[10])),
        STATUS_FOR_A_READ((p, c) -> chunk(p, 1, 5, c, new byte[12])),
        ERROR_ZERO((p, c) -> chunk(p, 1, 0x8001, c, new byte[6])),
        ERROR_SHORT((p, c) -> chunk(p, 1, 0x8001, c, new byte[5])),
        ERROR_LONG_TEXT((p, c) -> chunk(p, 1, 0x8001, c, new byte[] {0, 0, 0, 5, 1, 0})),
        HUGE_DATA((p, c) -> {
            p.out.writeInt(NbdProtocol.STRUCTURED_REPLY_MAGIC);
            p.out.writeInt(1);
            p.out.writeLong(c);
            p.out.writeInt(-1);
            p.out.writeLong(5000);
        }),
        SIMPLE((p, c) -> {
            p.out.writeInt(NbdProtocol.SIMPLE_REPLY_MAGIC);
            p.out.writeInt(0);
            p.out.writeLong(c);
            p.out.write(new byte[1000]);
        }),
        NOISE((p, _) -> p.out.write(new byte[100])),
        END((p, _) -> p.out.flush());

        interface Answer {
            void to(RawPeer peer, long cookie) throws IOException;
        }

        @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
        private final Answer answer;

        Lie(Answer answer) {
            this.answer = answer;
        }
    }

    @ParameterizedTest
    @EnumSource
    void wrongAnswersEndTheConnection(Lie lie) throws Exception {
        serve(peer -> {
            handshake(peer, true);
            lie.answer.to(peer, request(peer));
            if (lie != Lie.END) {
                assertThat(peer.isEnded()).isTrue();
            }
        });
        try (NbdClient client = connect()) {
            assertThatThrownBy(() -> client.read(5000, ByteBuffer.allocate(1000), TestServers.LONG))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(SocketTimeoutException.class);
            assertThat(client.isOpen()).isFalse();
            assertThatThrownBy(() -> client.read(0, ByteBuffer.allocate(1), TestServers.LONG))
                    .isInstanceOf(IOException.class);
        }
        served.get(20, TimeUnit.SECONDS);
    }

    @Test
    void anyRightAnswerIsAccepted() throws Exception {
        serve(peer -> {
            handshake(peer, true);
            long cookie = request(peer); // out of order, in several chunks
            chunk(peer, 0, 2, cookie, hole(5900, 100));
            chunk(peer, 0, 1, cookie, data(5000, 1));
            chunk(peer, 0, 1, cookie, data(5500, 400));
            chunk(peer, 0, 1, cookie, data(5001, 499));
            chunk(peer, 1, 0, cookie, new byte[0]);
            cookie = request(peer); // an error with an offset, then more data
            chunk(peer, 0, 1, cookie, data(5000, 10));
            ByteBuffer error = ByteBuffer.allocate(17).putInt(5).putShort((short) 3);
            error.put("bad".getBytes(StandardCharsets.UTF_8)).putLong(5003);
            chunk(peer, 0, 0x8002, cookie, error.array());
            chunk(peer, 0, 1, cookie, data(5010, 990));
            chunk(peer, 1, 0, cookie, new byte[0]);
            cookie = request(peer); // an unknown kind of error
            chunk(peer, 1, 0x8077, cookie, new byte[] {0, 0, 0, 75, 0, 0, 1, 2});
            cookie = request(peer);
            ByteBuffer status = ByteBuffer.allocate(12).putInt(9).putInt(-1).putInt(3);
            chunk(peer, 1, 5, cookie, status.array());
            request(peer);
        });
        try (NbdClient client = connect()) {
            ByteBuffer target = ByteBuffer.allocate(1000);
            Arrays.fill(target.array(), (byte) 0x77);
            client.read(5000, target, TestServers.LONG);
            byte[] expected = new byte[1000];
            Arrays.fill(expected, 0, 900, DATA);
            assertThat(target.array()).isEqualTo(expected);
            assertThatThrownBy(() -> client.read(5000, target.clear(), TestServers.LONG))
                    .hasMessageContaining("EIO: bad");
            assertThatThrownBy(() -> client.read(5000, target.clear(), TestServers.LONG))
                    .hasMessageContaining("EOVERFLOW");
            assertThat(client.extent(5000, 1000, TestServers.LONG))
                    .isEqualTo(new Extent(5000, 1000, true));
            assertThat(client.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLateReplyIsThrownAway(boolean begun) throws Exception {
        serve(peer -> {
            handshake(peer, true);
            long late = request(peer);
            byte[] payload = data(0, 1000);
            if (begun) { // half a chunk before the time-out, half of it after
                peer.out.writeInt(NbdProtocol.STRUCTURED_REPLY_MAGIC);
                peer.out.writeInt(1 << 16 | 1);
                peer.out.writeLong(late);
                peer.out.writeInt(payload.length);
                peer.out.write(payload, 0, 500);
            }
            long next = request(peer); // sent only after the first one timed out
            if (begun) {
                peer.out.write(payload, 500, payload.length - 500);
            } else {
                chunk(peer, 1, 1, late, payload);
            }
            chunk(peer, 1, 1, next, data(2000, 1000));
            request(peer);
        });
        try (NbdClient client = connect()) {
            ByteBuffer abandoned = ByteBuffer.allocate(1000);
            assertThatThrownBy(() -> client.read(0, abandoned, SHORT))
                    .isInstanceOf(SocketTimeoutException.class);
            assertThat(abandoned.position()).isZero();
            Arrays.fill(abandoned.array(), (byte) 0x77);
            ByteBuffer target = ByteBuffer.allocate(1000);
            client.read(2000, target, TestServers.LONG); // the late reply came before
            byte[] untouched = new byte[1000];
            Arrays.fill(untouched, (byte) 0x77);
            assertThat(abandoned.array()).isEqualTo(untouched);
            byte[] expected = new byte[1000];
            Arrays.fill(expected, DATA);
            assertThat(target.array()).isEqualTo(expected);
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void anInterruptedReaderDoesNotBreakOthers() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        serve(peer -> {
            handshake(peer, false);
            long first = request(peer);
            asked.countDown();
            long second = request(peer);
            for (long cookie : new long[] {second, first}) {
                peer.out.writeInt(NbdProtocol.SIMPLE_REPLY_MAGIC);
                peer.out.writeInt(0);
                peer.out.writeLong(cookie);
                peer.out.write(new byte[10]);
            }
            request(peer);
        });
        try (NbdClient client = connect()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> read(client)).isInstanceOf(InterruptedIOException.class);
            assertThat(Thread.interrupted()).isTrue();
            Future<?> interrupted = threads.submit(() -> read(client));
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            interrupted.cancel(true);
            read(client);
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void connectingHasADeadline() throws Exception {
        serve(RawPeer::isEnded); // says nothing until the client gives up
        NbdUri uri = NbdUri.parse("nbd://127.0.0.1:" + listening.getLocalPort() + "/x");
        assertThatThrownBy(() -> NbdClient.connect(uri, SHORT))
                .isInstanceOf(SocketTimeoutException.class);
        served.get(20, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, NbdProtocol.MAGIC, Long.MAX_VALUE})
    void wrongGreetingsAreRefused(long magic) throws Exception {
        serve(peer -> {
            peer.out.writeLong(magic);
            peer.out.write(new byte[200]);
            peer.isEnded();
        });
        assertThatThrownBy(this::connect)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("newstyle");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 65_537, Integer.MAX_VALUE})
    void oversizeOptionRepliesEndTheHandshake(int length) throws Exception {
        serve(peer -> {
            peer.out.writeLong(NbdProtocol.MAGIC);
            peer.out.writeLong(NbdProtocol.OPTION_MAGIC);
            peer.out.writeShort(3);
            peer.out.writeLong(NbdProtocol.OPTION_REPLY_MAGIC);
            peer.out.writeInt(NbdProtocol.OPT_STRUCTURED_REPLY);
            peer.out.writeInt(NbdProtocol.REP_ERR_UNSUP);
            peer.out.writeInt(length);
            peer.in.readAllBytes(); // until the client gives up
        });
        assertThatThrownBy(this::connect)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("too long");
    }

    @Test
    void connectionsThatBreakFailAllReaders() throws Exception {
        serve(peer -> {
            handshake(peer, true);
            request(peer);
            request(peer);
        });
        try (NbdClient client = connect()) {
            Future<?> first = threads.submit(() -> read(client));
            Future<?> second = threads.submit(() -> read(client));
            for (Future<?> read : new Future<?>[] {first, second}) {
                assertThatThrownBy(() -> read.get(20, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOf(IOException.class)
                        .isNotInstanceOf(SocketTimeoutException.class);
            }
        }
    }

    private static Void read(NbdClient client) throws IOException {
        client.read(0, ByteBuffer.allocate(10), TestServers.LONG);
        return null;
    }
}
