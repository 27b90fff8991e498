package io.virtman.cinder.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.bridge.config.BridgeConfiguration;
import io.virtman.bridge.config.ConfigurationFiles;
import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.rpc.Captured;
import io.virtman.cinder.testing.FakeComputeService;
import io.virtman.cinder.testing.FakeEngine;
import io.virtman.cinder.testing.FakeImageService;
import io.virtman.messaging.rabbit.RabbitSettings;
import io.virtman.messaging.rabbit.RabbitTransport;
import io.virtman.messaging.rpc.RpcCall;
import io.virtman.messaging.rpc.RpcClient;
import io.virtman.messaging.rpc.RpcEndpoint;
import io.virtman.messaging.rpc.RpcServer;
import io.virtman.messaging.rpc.RpcServerBuilder.Queue;
import io.virtman.messaging.rpc.Target;
import io.virtman.messaging.wire.RpcRequest;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Bridges on a real broker and a real database, with somebody who plays API and scheduler. */
final class ServiceScene implements AutoCloseable {
    static final Target SERVER =
            Target.of("openstack", "cinder-volume.ctl@virtman")
                    .withServer("ctl")
                    .withVersion("3.0");

    final FakeEngine engine = new FakeEngine("h1", "h2");
    final FakeImageService glance = new FakeImageService();
    final FakeComputeService nova = new FakeComputeService();
    final Seed seed;
    final RpcClient client;

    /** What schedulers were told, in order. */
    final List<ObjectNode> reports = new CopyOnWriteArrayList<>();

    private final TestCinder cinder;
    private final BridgeConfiguration configuration;
    private final RabbitTransport ours;
    private final RabbitTransport theirs;
    private final RpcServer scheduler;
    private final List<CinderService> services = new ArrayList<>();

    ServiceScene(TestCinder cinder, RabbitBroker broker, Path directory, int lease)
            throws Exception {
        this.cinder = cinder;
        this.seed = new Seed(cinder);
        seed.basics();
        Path file =
                Files.writeString(
                        directory.resolve("virtman.conf"),
                        """
                        [DEFAULT]
                        transport_url = %s
                        report_interval = 1
                        [database]
                        connection = mysql+pymysql://virtman_cinder:%s@127.0.0.1:%d/cinder
                        [keystone_authtoken]
                        auth_url = http://127.0.0.1:1
                        username = virtman
                        password = p
                        [cinder]
                        host = ctl
                        lease_duration = %d
                        backend_stats_polling_interval = 3600
                        reconcile_interval = 5
                        """
                                .formatted(
                                        broker.uri(),
                                        TestCinder.PASSWORD,
                                        cinder.server.port(),
                                        lease));
        this.configuration =
                ConfigurationFiles.load(List.of(file), Optional.empty(), "ctl").configuration();
        this.ours = transport("bridge");
        this.theirs = transport("cinder");
        this.client = RpcClient.builder(theirs).timeout(Duration.ofSeconds(20)).build();
        this.scheduler =
                RpcServer.builder(theirs)
                        .listen(
                                Target.of("openstack", "cinder-scheduler").withServer("s"),
                                Queue.FANOUT)
                        .endpoint(
                                RpcEndpoint.builder()
                                        .version("3.12")
                                        .method("update_service_capabilities", this::told)
                                        .build())
                        .start();
    }

    private RabbitTransport transport(String name) {
        return RabbitTransport.open(
                configuration.messaging().url(), configuration.rabbit(), RabbitSettings.of(name));
    }

    private @Nullable JsonNode told(RpcRequest request) {
        reports.add(request.args());
        return null;
    }

    /** Starts a bridge; not the first one waits. */
    CinderService start() {
        CinderService service =
                CinderService.start(configuration, new Outside(engine, glance, nova), ours);
        services.add(service);
        return service;
    }

    /** Starts a bridge that leads. */
    CinderService lead() throws InterruptedException {
        CinderService service = start();
        if (!service.awaitLeadership(Duration.ofSeconds(30))) {
            throw new AssertionError("it does not lead");
        }
        return service;
    }

    /** Sends {@code create_volume} as the scheduler does; the id of the message. */
    String create(String volume) {
        RpcRequest request =
                Captured.fresh("create_volume", Captured.id("create_volume", "volume"), volume);
        client.cast(SERVER, call(request));
        return String.valueOf(request.uniqueId());
    }

    static RpcCall call(RpcRequest request) {
        return RpcCall.of(request.method()).args(request.args()).context(request.context()).build();
    }

    String status(String volume) {
        return one("SELECT status FROM volumes WHERE id = '" + volume + "'");
    }

    /** The only row; none while the database is away. */
    String one(String sql) {
        try {
            return cinder.one(sql);
        } catch (Exception e) {
            throw new AssertionError(sql, e);
        }
    }

    /** For what takes longer than others: outages, on a busy machine. */
    static void patiently(BooleanSupplier condition) {
        for (int i = 0; i < 3; i++) {
            try {
                Await.until(condition);
                return;
            } catch (AssertionError e) {
                if (i == 2) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void close() {
        services.forEach(CinderService::close);
        scheduler.close();
        client.close();
        theirs.close();
        ours.close();
    }
}
