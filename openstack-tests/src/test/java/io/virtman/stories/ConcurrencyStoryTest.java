package io.virtman.stories;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A hundred users at once, on four hosts. Nobody is refused. */
class ConcurrencyStoryTest {
    private static final int USERS = 100;
    private static final Duration ALL = Duration.ofMinutes(5);

    @RegisterExtension private final Cloud cloud = new Cloud();

    @Test
    void aHundredVolumesMadeAndAttached() throws InterruptedException {
        String base = cloud.volume("story-base", "--image", "guest", "--size", "1");
        String snapshot = cloud.snapshot("story-base", base);
        Rest rest = Rest.admin();

        try {
            List<String> volumes =
                    together(
                            "POST volumes",
                            USERS,
                            i ->
                                    rest.createVolume(
                                            "story-many-" + i,
                                            Map.of("snapshot_id", snapshot, "size", 1)));
            long began = System.nanoTime();
            awaitStatus("available");
            report("all available after the last answer", List.of(System.nanoTime() - began));
            List<String> servers = Bed.FAKES.stream().map(this::server).toList();
            List<String> attachments =
                    together(
                            "POST attachments",
                            USERS,
                            i ->
                                    rest.createAttachment(
                                            volumes.get(i), servers.get(i % servers.size())));
            together(
                    "PUT attachments",
                    USERS,
                    i ->
                            rest.connectAttachment(
                                            attachments.get(i), Bed.FAKES.get(i % Bed.FAKES.size()))
                                    .orFail());
            together(
                    "os-complete",
                    USERS,
                    i -> rest.completeAttachment(attachments.get(i)).orFail());
            assertThat(count("in-use")).isEqualTo(USERS);
            together(
                    "DELETE attachments",
                    USERS,
                    i -> rest.deleteAttachment(attachments.get(i)).orFail());
            awaitStatus("available");
        } finally {
            List<String> left = there();
            together("DELETE volumes", left.size(), i -> rest.deleteVolume(left.get(i)));
            Deadline.awaitValue(ALL, "all volumes are gone", () -> count("%"), still -> still == 0);
        }
    }

    /** Attachments are of servers: the bridge asks Nova whether they are on the host. */
    private String server(String host) {
        String root = cloud.volume("story-root-" + host, "--image", "guest", "--size", "1");
        return cloud.server("story-on-" + host, "--host", host, "--volume", root);
    }

    private static void awaitStatus(String status) {
        Deadline.awaitValue(
                ALL,
                "all volumes are " + status,
                () -> {
                    assertThat(count("error%")).isZero();
                    return count(status);
                },
                there -> there == USERS);
    }

    private static List<String> there() {
        return Rows.all(
                        "SELECT id FROM cinder.volumes WHERE deleted = 0"
                                + " AND display_name LIKE 'story-many-%'")
                .stream()
                .map(List::getFirst)
                .toList();
    }

    private static long count(String status) {
        return Rows.count(
                "SELECT COUNT(*) FROM cinder.volumes WHERE deleted = 0"
                        + " AND display_name LIKE 'story-many-%' AND status LIKE ?",
                status);
    }

    private interface Step<T> {
        T run(int user);
    }

    /** Runs a step of all users at once, and reports how long each took. */
    private static <T> List<T> together(String what, int users, Step<T> step)
            throws InterruptedException {
        long[] nanos = new long[users];
        List<Callable<T>> calls = new ArrayList<>();
        for (int i = 0; i < users; i++) {
            int user = i;
            calls.add(() -> {
                long began = System.nanoTime();
                T result = step.run(user);
                nanos[user] = System.nanoTime() - began;
                return result;
            });
        }
        List<T> results = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<T> future : executor.invokeAll(calls)) {
                try {
                    results.add(future.get());
                } catch (ExecutionException e) {
                    failures.add(e.getCause() == null ? e : e.getCause());
                }
            }
        }
        assertThat(failures).as(what).isEmpty();
        report(what, Arrays.stream(nanos).boxed().toList());
        return results;
    }

    private static void report(String what, List<Long> nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        String percentiles =
                String.join(
                        ", ",
                        IntStream.of(50, 99, 100)
                                .mapToObj(p -> "p" + p + " " + percentile(sorted, p) + " ms")
                                .toList());
        System.getLogger(ConcurrencyStoryTest.class.getName())
                .log(System.Logger.Level.INFO, what + ": " + percentiles);
    }

    private static long percentile(long[] sorted, int percent) {
        int index = Math.max(0, (sorted.length * percent + 99) / 100 - 1);
        return Duration.ofNanos(sorted[index]).toMillis();
    }
}
