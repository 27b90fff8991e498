package io.virtman.bench;

import io.virtman.messaging.transport.Message;
import io.virtman.messaging.wire.MessageCodec;
import io.virtman.messaging.wire.RequestContext;
import io.virtman.messaging.wire.RpcReply;
import io.virtman.messaging.wire.RpcRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What it costs to write and to read the messages of one call, a recorded attachment_update. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first
public class CodecBenchmark {
    private static final Duration EXPIRATION = Duration.ofSeconds(60);
    private static final String ID = "0123456789abcdef0123456789abcdef";

    private final MessageCodec codec = new MessageCodec(16 << 20);
    private RpcRequest request;
    private RpcReply reply;
    private Message requestBytes;
    private Message replyBytes;

    /** Reads the sample. */
    @Setup
    public void setUp() throws IOException {
        RpcSample sample;
        try (InputStream file = CodecBenchmark.class.getResourceAsStream(RpcSample.RESOURCE)) {
            sample = RpcSample.read(Objects.requireNonNull(file));
        }
        request =
                new RpcRequest(
                        "attachment_update",
                        sample.args(),
                        "3.9",
                        null,
                        RequestContext.of(sample.context()),
                        ID,
                        new RpcRequest.ReplyTo(ID, "reply_" + ID, null));
        reply = new RpcReply(ID, sample.result(), null, true, ID);
        requestBytes = codec.encode(request, EXPIRATION);
        replyBytes = codec.encode(reply);
    }

    /** Client, sending. */
    @Benchmark
    public Message encodeRequest() {
        return codec.encode(request, EXPIRATION);
    }

    /** Server, receiving. */
    @Benchmark
    public RpcRequest decodeRequest() {
        return codec.decodeRequest(requestBytes);
    }

    /** Server, answering. */
    @Benchmark
    public Message encodeReply() {
        return codec.encode(reply);
    }

    /** Client, receiving. */
    @Benchmark
    public RpcReply decodeReply() {
        return codec.decodeReply(replyBytes);
    }
}
