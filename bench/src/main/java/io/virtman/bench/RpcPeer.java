package io.virtman.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.rabbit.RabbitSettings;
import io.virtman.messaging.rabbit.RabbitTransport;
import io.virtman.messaging.rpc.RpcCall;
import io.virtman.messaging.rpc.RpcClient;
import io.virtman.messaging.rpc.RpcEndpoint;
import io.virtman.messaging.rpc.RpcServer;
import io.virtman.messaging.rpc.Target;
import io.virtman.messaging.wire.RequestContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;

/**
 * The Java side of {@code virtman bench rpc}, with the same arguments, lines and defaults as {@code
 * rpc_peer.py}.
 */
public final class RpcPeer {
    private static final Target TARGET =
            Target.of("openstack", "bench-java").withServer("peer").withVersion("3.0");

    private RpcPeer() {}

    /** Runs a server until standard input ends, or a client until it has measured. */
    public static void main(String[] arguments)
            throws IOException, InterruptedException, ExecutionException {
        RpcSample sample;
        try (InputStream file = Files.newInputStream(Path.of(arguments[2]))) {
            sample = RpcSample.read(file);
        }
        TransportUrl url = TransportUrl.parse(Files.readString(Path.of(arguments[1])).strip());
        try (RabbitTransport transport =
                RabbitTransport.open(url, RabbitOptions.DEFAULTS, RabbitSettings.of("bench"))) {
            if (arguments[0].equals("serve")) {
                serve(transport, sample);
            } else {
                call(
                        transport,
                        sample,
                        Integer.parseInt(arguments[3]),
                        Duration.ofSeconds(Long.parseLong(arguments[4])),
                        Duration.ofSeconds(Long.parseLong(arguments[5])));
            }
        }
    }

    private static void serve(RabbitTransport transport, RpcSample sample) throws IOException {
        RpcEndpoint endpoint =
                RpcEndpoint.builder()
                        .version("3.18")
                        .method("attachment_update", _ -> sample.result())
                        .build();
        try (RpcServer server =
                RpcServer.builder(transport).listen(TARGET).endpoint(endpoint).start()) {
            System.out.println("ready");
            while (System.in.read() >= 0) {
                // until whoever started this closes it, or is gone
            }
            System.err.println(server.statistics());
        }
    }

    private static void call(
            RabbitTransport transport,
            RpcSample sample,
            int callers,
            Duration warmUp,
            Duration measured)
            throws IOException, InterruptedException, ExecutionException {
        RpcCall call =
                RpcCall.of("attachment_update")
                        .args(sample.args())
                        .context(RequestContext.of(sample.context()))
                        .timeout(Duration.ofMinutes(1))
                        .build();
        try (RpcClient client = RpcClient.builder(transport).build();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            JsonNode _ = client.call(TARGET, call); // connecting takes no part of the time
            long start = System.nanoTime() + warmUp.toNanos();
            long end = start + measured.toNanos();
            List<Future<long[]>> all = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                all.add(threads.submit(() -> measure(client, call, sample.result(), start, end)));
            }
            LongStream.Builder latencies = LongStream.builder();
            for (Future<long[]> one : all) {
                Arrays.stream(one.get()).forEach(latencies::add);
            }
            long[] sorted = latencies.build().sorted().toArray();
            System.out.println(new JsonMapper().writeValueAsString(figures(sorted, measured)));
        }
    }

    private static RpcFigures figures(long[] sorted, Duration measured) {
        return new RpcFigures(
                sorted.length * 1e9 / measured.toNanos(),
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 99 / 100] / 1e6);
    }

    private static long[] measure(
            RpcClient client, RpcCall call, JsonNode expected, long start, long end) {
        LongStream.Builder latencies = LongStream.builder();
        while (true) {
            long begun = System.nanoTime();
            if (begun - end >= 0) {
                return latencies.build().toArray();
            }
            JsonNode result = client.call(TARGET, call);
            long ended = System.nanoTime();
            if (!result.equals(expected)) {
                throw new IllegalStateException("wrong result");
            }
            if (begun - start >= 0 && ended - end <= 0) {
                latencies.add(ended - begun);
            }
        }
    }
}
