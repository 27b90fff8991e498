package io.virtman.cinder.rpc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.cinder.volume.Ledger;
import io.virtman.messaging.rpc.Acknowledgement;
import io.virtman.messaging.rpc.RpcEndpoint;
import io.virtman.messaging.rpc.RpcMethod;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The volume RPC as one endpoint. Casts that matter are journalled before they are acknowledged;
 * calls are acknowledged when they come, since their callers see a lost one by its time-out.
 */
public final class VolumeEndpoint {
    private static final Logger LOGGER = System.getLogger(VolumeEndpoint.class.getName());

    /** Casts with nothing we may undo: they are only noted. */
    private static final List<String> IGNORED =
            List.of(
                    "do_cleanup",
                    "failover",
                    "failover_host",
                    "failover_completed",
                    "finish_failover",
                    "extend_volume_completion",
                    "create_group",
                    "delete_group",
                    "update_group",
                    "create_group_from_src",
                    "create_group_snapshot",
                    "delete_group_snapshot",
                    "enable_replication",
                    "disable_replication",
                    "failover_replication");

    private VolumeEndpoint() {}

    /**
     * Makes it.
     *
     * @param version of the RPC API, {@code 3.x}
     * @param times to which each request is added
     * @param publish reports capabilities now
     * @param capabilities the answer to {@code get_capabilities}
     * @param patience how long the work on a request may take whose caller waits
     */
    public static RpcEndpoint of(
            String version,
            Ledger ledger,
            Flows flows,
            Casts casts,
            RequestTimes times,
            Runnable publish,
            Supplier<ObjectNode> capabilities,
            Duration patience) {
        RpcEndpoint.Builder builder = RpcEndpoint.builder().version(version);
        Acknowledgement journalled =
                Acknowledgement.afterJournal(request -> {
                    long start = System.nanoTime();
                    casts.journal(request);
                    times.add(RequestTimes.JOURNAL, System.nanoTime() - start, false);
                });
        Stream.of(Orders.DONE, Orders.REFUSED)
                .flatMap(Set::stream)
                .forEach(name ->
                        builder.method(name, journalled, times.measured(name, casts::carryOut)));
        new Calls(ledger, flows.attach(), capabilities, patience)
                .methods()
                .forEach((name, method) -> builder.method(name, times.measured(name, method)));
        builder.method(
                "publish_service_capabilities",
                _ -> {
                    publish.run();
                    return null;
                });
        IGNORED.forEach(name -> builder.method(name, ignored()));
        return builder.build();
    }

    private static RpcMethod ignored() {
        return request -> {
            LOGGER.log(Level.INFO, "{0} is not supported, and ignored", request);
            return null;
        };
    }
}
