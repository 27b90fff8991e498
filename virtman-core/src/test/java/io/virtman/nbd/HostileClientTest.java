package io.virtman.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.testing.MemoryBlockSource;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that break the rules get errors, or are dropped, and harm nobody else. */
@Timeout(30)
class HostileClientTest {
    private static final int SIZE = 1 << 20;
    private static final byte[] NONE = {};
    private final MemoryBlockSource content = MemoryBlockSource.random(SIZE, 5);
    private NbdServer server;
    private SocketAddress address;
    private NbdClient bystander;

    @BeforeEach
    void start() throws IOException {
        server = TestServers.server(content);
        address = TestServers.listenTcp(server);
        bystander = NbdClient.connect(TestServers.uri(address), TestServers.LONG);
    }

    @AfterEach
    void nobodyElseWasHarmed() throws IOException {
        bystanderReads();
        bystander.close();
        server.close();
    }

    private RawPeer connect() throws IOException {
        return RawPeer.connect(address);
    }

    @Test
    void unknownClientFlagsEndTheConnection() throws IOException {
        try (RawPeer peer = connect().greet(4)) {
            assertThat(peer.isEnded()).isTrue();
        }
    }

    @Test
    void wrongOptionMagicEndsTheConnection() throws IOException {
        try (RawPeer peer = connect().greet(1)) {
            peer.out.write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(peer.isEnded()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {65_537, Integer.MAX_VALUE, -1, Integer.MIN_VALUE})
    void oversizeOptionsEndTheConnection(int length) throws IOException {
        try (RawPeer peer = connect().greet(1)) {
            peer.optionHeader(99, length);
            assertThat(peer.isEnded()).isTrue();
        }
    }

    @Test
    void tooManyOptionsEndTheConnection() throws IOException {
        try (RawPeer peer = connect().greet(1)) {
            for (int i = 0; i < 1000; i++) {
                peer.option(99, NONE);
                assertThat(peer.optionReply()).isEqualTo(NbdProtocol.REP_ERR_UNSUP);
            }
            assertThat(peer.isEnded()).isTrue();
        }
    }

    @Test
    void malformedOptionsAreAnsweredAndHagglingGoesOn() throws IOException {
        try (RawPeer peer = connect().greet(3)) {
            byte[] some = {0, 0, 0, 1};
            byte[] hugeName = {0x7f, -1, -1, -1, 'x'};
            byte[] negativeName = {-1, -1, -1, -1, 'x'};
            byte[] badText = {0, 0, 0, 2, (byte) 0xc3, 0x28, 0, 0};
            byte[] nul = {0, 0, 0, 1, 0, 0, 0};
            byte[] tooFewInfos = {0, 0, 0, 1, 'a', 0, 3, 0, 1};
            byte[] trailing = {0, 0, 0, 1, 'a', 0, 0, 9};
            for (int option : new int[] {NbdProtocol.OPT_GO, NbdProtocol.OPT_INFO}) {
                for (byte[] data :
                        new byte[][] {
                            NONE, some, hugeName, negativeName, badText, nul, tooFewInfos, trailing
                        }) {
                    peer.option(option, data);
                    assertThat(peer.optionReply()).isEqualTo(NbdProtocol.REP_ERR_INVALID);
                }
            }
            peer.option(NbdProtocol.OPT_LIST, some);
            assertThat(peer.optionReply()).isEqualTo(NbdProtocol.REP_ERR_INVALID);
            peer.option(NbdProtocol.OPT_STRUCTURED_REPLY, some);
            assertThat(peer.optionReply()).isEqualTo(NbdProtocol.REP_ERR_INVALID);
            byte[] query = {0, 0, 0, 1, 'd', 0, 0, 0, 0};
            peer.option(NbdProtocol.OPT_SET_META_CONTEXT, query); // before structured replies
            assertThat(peer.optionReply()).isEqualTo(NbdProtocol.REP_ERR_INVALID);
            peer.option(NbdProtocol.OPT_STRUCTURED_REPLY, NONE);
            assertThat(peer.optionReply()).isEqualTo(NbdProtocol.REP_ACK);
            peer.option(NbdProtocol.OPT_STRUCTURED_REPLY, NONE);
            assertThat(peer.optionReply()).isEqualTo(NbdProtocol.REP_ERR_INVALID);
            peer.option(NbdProtocol.OPT_SET_META_CONTEXT, query); // of an export that is not there
            assertThat(peer.optionReply()).isEqualTo(NbdProtocol.REP_ERR_UNKNOWN);
            byte[] manyQueries = {0, 0, 0, 1, 'd', 0x7f, -1, -1, -1, 0, 0, 0, 0};
            peer.option(NbdProtocol.OPT_LIST_META_CONTEXT, manyQueries);
            assertThat(peer.optionReply()).isEqualTo(NbdProtocol.REP_ERR_INVALID);
            peer.option(NbdProtocol.OPT_STARTTLS, NONE);
            assertThat(peer.optionReply()).isEqualTo(NbdProtocol.REP_ERR_UNSUP);
            peer.option(NbdProtocol.OPT_ABORT, NONE);
            assertThat(peer.optionReply()).isEqualTo(NbdProtocol.REP_ACK);
            assertThat(peer.isEnded()).isTrue();
        }
    }

    @Test
    void namesBeyondTheLimitAreInvalid() throws IOException {
        try (RawPeer peer = connect().greet(3)) {
            ByteBuffer data = ByteBuffer.allocate(4 + 4097 + 2).putInt(4097);
            peer.option(NbdProtocol.OPT_GO, data.array());
            assertThat(peer.optionReply()).isEqualTo(NbdProtocol.REP_ERR_INVALID);
        }
    }

    @Test
    void unknownNamesInExportNameEndTheConnection() throws IOException {
        try (RawPeer peer = connect().greet(3)) {
            peer.option(NbdProtocol.OPT_EXPORT_NAME, new byte[] {'x'});
            assertThat(peer.isEnded()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 1048576, 1, 22", // just beyond the end
        "0, 0, 1048575, 2, 22",
        "0, 0, 0, 0, 22", // empty
        "0, 0, -1, 1, 22", // 2^64 - 1
        "0, 0, 9223372036854775807, 4096, 22", // overflows
        "0, 0, 0, -1, 22", // 4 GiB - 1
        "4, 0, 0, -1, 22",
        "1, 0, 0, 4096, 22", // FUA was not offered
        "8, 0, 0, 4096, 22",
        "32768, 0, 0, 4096, 22",
        "0, 7, 0, 4096, 22", // no context selected
        "0, 3, 0, 1, 22", // a flush of a range
        "0, 4, 0, 4096, 1",
        "0, 6, 0, 4096, 1",
        "0, 5, 0, 4096, 22", // CACHE
        "0, 8, 0, 4096, 22",
        "0, 65535, 0, 0, 22"
    })
    void badRequestsAreAnsweredAndTheConnectionGoesOn(
            int flags, int type, long offset, int length, int errno) throws IOException {
        for (boolean structured : new boolean[] {false, true}) {
            try (RawPeer peer = connect().open("disk", structured)) {
                peer.request(flags, type, 77, offset, length);
                assertThat(structured ? peer.errorChunk(77) : peer.simpleReply(77))
                        .isEqualTo(errno);
                peer.request(0, NbdProtocol.CMD_FLUSH, 78, 0, 0);
                assertThat(peer.simpleReply(78)).isZero();
            }
        }
    }

    @Test
    void unfragmentedReadsBeyondTheMaximumOverflow() throws IOException {
        MemoryBlockSource large = MemoryBlockSource.random(128 * 1024, 1);
        NbdServerLimits limits = new NbdServerLimits(9, TestServers.LONG, 65_536, 65_536);
        try (NbdServer small = TestServers.server(large, limits);
                RawPeer peer = RawPeer.connect(TestServers.listenTcp(small)).open("disk", true)) {
            peer.request(NbdProtocol.CMD_FLAG_DF, NbdProtocol.CMD_READ, 1, 0, 65_537);
            assertThat(peer.errorChunk(1)).isEqualTo(NbdErrno.EOVERFLOW);
            peer.request(0, NbdProtocol.CMD_READ, 2, 0, 65_537);
            assertThat(peer.errorChunk(2)).isEqualTo(NbdErrno.EINVAL);
        }
    }

    @Test
    void unfragmentedReadsAreOneChunk() throws IOException {
        MemoryBlockSource mixed = MemoryBlockSource.random(196_608, 1);
        Arrays.fill(mixed.content(), 65_536, 131_072, (byte) 0);
        try (NbdServer other = TestServers.server(mixed);
                RawPeer peer = RawPeer.connect(TestServers.listenTcp(other)).open("disk", true)) {
            peer.request(NbdProtocol.CMD_FLAG_DF, NbdProtocol.CMD_READ, 1, 0, 196_608);
            assertThat(peer.in.readInt()).isEqualTo(NbdProtocol.STRUCTURED_REPLY_MAGIC);
            assertThat(peer.in.readShort()).isEqualTo((short) NbdProtocol.REPLY_FLAG_DONE);
            assertThat(peer.in.readShort()).isEqualTo((short) NbdProtocol.REPLY_OFFSET_DATA);
            peer.in.skipNBytes(8);
            assertThat(peer.in.readInt()).isEqualTo(8 + 196_608);
            peer.in.skipNBytes(8);
            assertThat(peer.in.readNBytes(196_608)).isEqualTo(mixed.content());
            peer.request(0, NbdProtocol.CMD_READ, 2, 0, 196_608);
            peer.in.skipNBytes(16);
            assertThat(peer.in.readInt()).isEqualTo(8 + 65_536); // data, hole, data
            peer.in.skipNBytes(8 + 65_536 + 4);
            assertThat(peer.in.readShort()).isZero();
            assertThat(peer.in.readShort()).isEqualTo((short) NbdProtocol.REPLY_OFFSET_HOLE);
        }
    }

    @Test
    void writesAreDrainedAndRefused() throws IOException {
        try (RawPeer peer = connect().open("disk", false)) {
            peer.request(0, NbdProtocol.CMD_WRITE, 1, 0, 3 << 20);
            peer.out.write(new byte[3 << 20]);
            assertThat(peer.simpleReply(1)).isEqualTo(NbdErrno.EPERM);
            peer.request(0, NbdProtocol.CMD_READ, 2, 4096, 512);
            assertThat(peer.simpleReply(2)).isZero();
            assertThat(peer.in.readNBytes(512))
                    .isEqualTo(Arrays.copyOfRange(content.content(), 4096, 4608));
            peer.request(0, NbdProtocol.CMD_WRITE, 3, 0, -1); // too long to drain
            assertThat(peer.isEnded()).isTrue();
        }
    }

    @Test
    void wrongRequestMagicEndsTheConnection() throws IOException {
        try (RawPeer peer = connect().open("disk", false)) {
            peer.out.write(new byte[28]);
            assertThat(peer.isEnded()).isTrue();
        }
    }

    @Test
    void disconnectEndsTheConnectionAfterWhatWasAsked() throws IOException {
        try (RawPeer peer = connect().open("disk", false)) {
            peer.request(0, NbdProtocol.CMD_READ, 1, 0, 512);
            peer.request(0, NbdProtocol.CMD_DISC, 0, 0, 0);
            assertThat(peer.simpleReply(1)).isZero();
            assertThat(peer.in.readNBytes(512)).hasSize(512);
            assertThat(peer.isEnded()).isTrue();
        }
    }

    @Test
    void disconnectWaitsForMisses() throws Exception {
        GatedBlockSource gated = new GatedBlockSource(content, 0);
        try (NbdServer other = TestServers.server(gated);
                RawPeer peer = RawPeer.connect(TestServers.listenTcp(other)).open("disk", false)) {
            peer.request(0, NbdProtocol.CMD_READ, 1, 0, 512);
            peer.request(0, NbdProtocol.CMD_DISC, 0, 0, 0);
            assertThat(gated.arrived.await(20, TimeUnit.SECONDS)).isTrue();
            gated.gate.countDown();
            assertThat(peer.simpleReply(1)).isZero();
            assertThat(peer.in.readNBytes(512)).hasSize(512);
            assertThat(peer.isEnded()).isTrue();
        }
    }

    @Test
    void leavingAtAnyPointHarmsNobody() throws IOException {
        try (RawPeer handshake = connect()) {
            handshake.in.skipNBytes(5);
        }
        try (RawPeer option = connect().greet(3)) {
            option.optionHeader(NbdProtocol.OPT_GO, 100);
        }
        try (RawPeer request = connect().open("disk", true)) {
            request.out.writeInt(NbdProtocol.REQUEST_MAGIC);
        }
        try (RawPeer payload = connect().open("disk", true)) {
            payload.request(0, NbdProtocol.CMD_WRITE, 1, 0, 1 << 20);
            payload.out.write(new byte[1000]);
        }
        try (RawPeer replies = connect().open("disk", false)) {
            for (int i = 0; i < 20; i++) { // and reads none of them
                replies.request(0, NbdProtocol.CMD_READ, i, 0, SIZE);
            }
        }
    }

    @Test
    void whoDoesNotReadRepliesHoldsUpOnlyHimself() throws IOException {
        try (RawPeer lazy = connect().open("disk", false)) {
            for (int i = 0; i < 100; i++) {
                lazy.request(0, NbdProtocol.CMD_READ, i, 0, SIZE);
            }
            bystanderReads();
        }
    }

    private void bystanderReads() throws IOException {
        ByteBuffer target = ByteBuffer.allocate(SIZE);
        bystander.read(0, target, TestServers.LONG);
        assertThat(target.array()).isEqualTo(content.content());
    }

    @Test
    void requestsBeyondTheBudgetWaitAndAreAllAnswered() throws Exception {
        GatedBlockSource gated = new GatedBlockSource(content, 0);
        NbdServerLimits limits = new NbdServerLimits(9, TestServers.LONG, 65_536, 131_072);
        try (NbdServer other = TestServers.server(gated, limits);
                RawPeer peer = RawPeer.connect(TestServers.listenTcp(other)).open("disk", false)) {
            for (int i = 0; i < 12; i++) {
                peer.request(0, NbdProtocol.CMD_READ, i, i * 65_536L, 65_536);
            }
            assertThat(gated.arrived.await(20, TimeUnit.SECONDS)).isTrue();
            gated.gate.countDown();
            for (int i = 0; i < 12; i++) {
                assertThat(peer.in.readInt()).isEqualTo(NbdProtocol.SIMPLE_REPLY_MAGIC);
                assertThat(peer.in.readInt()).isZero();
                int from = (int) peer.in.readLong() * 65_536;
                assertThat(peer.in.readNBytes(65_536))
                        .isEqualTo(Arrays.copyOfRange(content.content(), from, from + 65_536));
            }
        }
    }
}
