package io.virtman.app;

import io.virtman.rest.RestParentListPush;
import io.virtman.rest.RestServer;
import io.virtman.rest.VoltResources;
import io.virtman.volt.DatabaseAddress;
import io.virtman.volt.JdbcCatalogueStore;
import io.virtman.volt.TimeSource;
import io.virtman.volt.Volt;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Wires and runs Volt. */
@Command(
        name = "volt",
        mixinStandardHelpOptions = true,
        description =
                "Run Volt, the coordinator: image catalogue and hierarchies. Prints 'ready rest=URL'.")
final class VoltCommand implements Callable<Integer> {
    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:7400",
            description = "REST address (default: ${DEFAULT-VALUE})")
    private String listen = "";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "/var/lib/virtman/volt",
            description = "where the database file is kept (default: ${DEFAULT-VALUE})")
    private Path data = Path.of("");

    @Option(
            names = "--database",
            paramLabel = "URL",
            description =
                    "jdbc:mysql://HOST:PORT/NAME (MySQL, MariaDB) instead of a file in --data")
    private @Nullable String database;

    @Option(
            names = "--database-user",
            defaultValue = "virtman",
            description = "(default: ${DEFAULT-VALUE})")
    private String user = "";

    @Option(
            names = "--database-password-file",
            paramLabel = "FILE",
            description = "file whose first line is the password; keep it 0600")
    private @Nullable Path passwordFile;

    @Option(
            names = "--fan-out",
            defaultValue = "2",
            description =
                    "most children of a node in a hierarchy, 1 to 64 (default: ${DEFAULT-VALUE})")
    private int fanOut;

    @Option(
            names = "--heartbeat-millis",
            defaultValue = "1000",
            description =
                    "interval of nodes' reports; three missed ones are a death (default: ${DEFAULT-VALUE})")
    private int heartbeatMillis;

    @Option(
            names = "--insecure-no-tls",
            description = "allow addresses other hosts can reach, without TLS")
    private boolean insecure;

    @Override
    public Integer call() throws IOException, InterruptedException {
        InetSocketAddress address = ListenAddress.parse("--listen", listen, insecure);
        Duration heartbeat = Intervals.heartbeat(heartbeatMillis);
        JdbcCatalogueStore store = JdbcCatalogueStore.open(databaseAddress());
        Volt volt = new Volt(store, new RestParentListPush(), TimeSource.SYSTEM, fanOut, heartbeat);
        RestServer rest = RestServer.start(address, VoltResources.of(volt));
        // two threads: saving waits for the database, noticing deaths must not
        var timers =
                Executors.newScheduledThreadPool(
                        2, Thread.ofPlatform().name("volt-timer-", 0).daemon().factory());
        var _ =
                timers.scheduleWithFixedDelay(
                        volt::tick, heartbeatMillis, heartbeatMillis, TimeUnit.MILLISECONDS);
        var _ = timers.scheduleWithFixedDelay(volt::saveNodes, 1, 1, TimeUnit.SECONDS);
        return Service.run(
                "ready rest=http://" + ListenAddress.advertised("--listen", address, rest.port()),
                () -> {
                    rest.close();
                    timers.shutdownNow();
                    volt.close();
                    store.close();
                });
    }

    private DatabaseAddress databaseAddress() throws IOException {
        if (database == null) {
            Files.createDirectories(data);
            return DatabaseAddress.file(data.resolve("catalogue"));
        }
        String password =
                passwordFile == null
                        ? ""
                        : Files.readString(passwordFile).lines().findFirst().orElse("");
        return new DatabaseAddress(database, user, password);
    }
}
