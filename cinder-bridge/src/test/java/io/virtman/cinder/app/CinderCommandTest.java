package io.virtman.cinder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.bridge.config.BridgeConfiguration;
import io.virtman.bridge.config.DatabaseOptions;
import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.Lease;
import io.virtman.bridge.database.Leases;
import io.virtman.cinder.database.OwnTables;
import io.virtman.cinder.database.ServiceIdentity;
import io.virtman.cinder.database.Services;
import io.virtman.problem.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CinderCommandTest {
    private static final String SERVICE = "ctl@virtman";

    /** For what ends before a bridge is started. */
    private static final BridgeStart NONE =
            _ -> {
                throw new AssertionError("nothing is to be started");
            };

    @TempDir private static Path data;
    private static CinderServer cinder;

    @TempDir private Path directory;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = System.out;
    private final PrintStream error = System.err;

    @BeforeAll
    static void start() throws Exception {
        cinder = CinderServer.start(data);
    }

    @AfterAll
    static void stop() {
        cinder.close();
    }

    @BeforeEach
    void listen() {
        PrintStream both = new PrintStream(printed, true, StandardCharsets.UTF_8);
        System.setOut(both);
        System.setErr(both);
    }

    @AfterEach
    void listenNoMore() {
        System.setOut(out);
        System.setErr(error);
    }

    private int run(BridgeStart bridge, String configuration, String... arguments)
            throws Exception {
        Path file = Files.writeString(directory.resolve("virtman.conf"), configuration);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--config");
        all.add(file.toString());
        return new CommandLine(new CinderCommand(bridge))
                .setExecutionExceptionHandler((_, _, _) -> 1)
                .execute(all.toArray(String[]::new));
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private Database database() {
        Matcher port = Pattern.compile("127.0.0.1:(\\d+)/cinder").matcher(cinder.configuration());
        assertThat(port.find()).isTrue();
        return BridgeDatabase.open(
                new DatabaseOptions(
                        "127.0.0.1:" + port.group(1),
                        "cinder",
                        "virtman_cinder",
                        CinderServer.PASSWORD,
                        2));
    }

    @Test
    void checkingSaysWhatWouldBeUsedAndStartsNothing() throws Exception {
        assertThat(run(NONE, cinder.configuration(), "--check")).isZero();

        assertThat(printed())
                .contains("service " + SERVICE)
                .contains("volumes ctl@virtman#pool0")
                .containsPattern("volt +timeout +2 +.*virtman.conf line")
                .containsPattern("keystone_authtoken +password +\\(hidden\\)")
                .containsPattern("cinder +workers +64 +default")
                .doesNotContain(CinderServer.PASSWORD);
    }

    @Test
    void aWrongConfigurationIsExitCodeTwoAndALineForEachProblem() throws Exception {
        assertThat(run(NONE, "[cinder]\nworker = 3\n[volt]\ntimeout = 0\n")).isEqualTo(2);

        assertThat(printed().lines())
                .allMatch(line -> line.startsWith("virtman: "))
                .anyMatch(line -> line.contains("did you mean workers?"))
                .anyMatch(line -> line.contains("[volt] timeout = 0"));
    }

    @Test
    void theBridgeGetsTheConfigurationAndTheOptions() throws Exception {
        List<BridgeConfiguration> got = new ArrayList<>();
        BridgeStart bridge =
                configuration -> {
                    got.add(configuration);
                    throw new IOException("it does not start");
                };

        assertThat(run(bridge, cinder.configuration(), "--accept-schema")).isEqualTo(1);

        assertThat(got)
                .singleElement()
                .satisfies(configuration -> {
                    assertThat(configuration.backend().serviceHost()).isEqualTo(SERVICE);
                    assertThat(configuration.work().acceptSchema()).isTrue();
                });
    }

    @Test
    void removing() throws Exception {
        try (Database database = database()) {
            OwnTables.migrate(database);
            Leases leases = new Leases(database, OwnTables.LEASES, Duration.ofMinutes(5));
            Lease lease = leases.acquire(SERVICE, "a bridge").orElseThrow();
            database.change(
                    lease,
                    tx ->
                            Services.register(
                                    tx,
                                    new ServiceIdentity(
                                            SERVICE, "nova", "3.18", Optional.of("1.39"))));

            assertThatThrownBy(() -> CinderRemoveCommand.remove(database, SERVICE, true))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("a bridge of that name runs");

            leases.release(lease);
            cinder.execute(
                    "USE cinder; SET FOREIGN_KEY_CHECKS = 0; INSERT INTO volumes (id, host,"
                            + " deleted, volume_type_id, size, status, attach_status, user_id,"
                            + " project_id) VALUES ('v1', 'ctl@virtman#pool0', 0, 't', 1, 'available',"
                            + " 'detached', 'u', 'p')");
            assertThatThrownBy(() -> CinderRemoveCommand.remove(database, SERVICE, false))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("v1");
            assertThat(registered(database)).isTrue();

            assertThat(run(NONE, cinder.configuration(), "remove", "--force")).isZero();
            assertThat(printed()).contains("removed " + SERVICE);
            assertThat(registered(database)).isFalse();

            assertThat(CinderRemoveCommand.remove(database, SERVICE, true)).isZero();
        }
    }

    private static boolean registered(Database database) {
        return database.read(tx -> Services.find(tx, SERVICE).isPresent());
    }
}
