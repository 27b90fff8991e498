package io.virtman.app;

import io.virtman.node.GuestRequest;
import io.virtman.node.NodeApi;
import io.virtman.node.VmView;
import io.virtman.problem.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Boots VMs at the same time, through their nodes, and waits for their markers. A node that is away
 * for a while is waited for: every step may be repeated.
 */
public final class BootStorm {
    /** Most VMs of one storm. */
    public static final int MOST_VMS = 10_000;

    private static final int AT_ONCE = 64;
    private static final Duration POLL = Duration.ofMillis(250);

    /** A VM to boot. */
    public record Vm(String name, String nodeName, NodeApi node) {}

    /**
     * How a boot ended.
     *
     * @param bootSeconds from the start of QEMU to the marker; null when it did not come
     * @param markerLine what the guest said
     * @param failure null when it is ready
     */
    public record Boot(
            String name,
            String node,
            @Nullable Double bootSeconds,
            boolean ok,
            @Nullable String markerLine,
            @Nullable String failure) {}

    private final String image;
    private final GuestRequest request;
    private final Duration timeout;
    private final Terminal terminal;

    /**
     * @param timeout for all VMs together
     */
    public BootStorm(String image, GuestRequest request, Duration timeout, Terminal terminal) {
        this.image = image;
        this.request = request;
        this.timeout = timeout;
        this.terminal = terminal;
    }

    /** Boots them all; the results are in the same order. */
    public List<Boot> run(List<Vm> vms) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        AtomicInteger done = new AtomicInteger();
        try (var pool =
                Executors.newFixedThreadPool(
                        AT_ONCE, Thread.ofVirtual().name("boot-", 0).factory())) {
            List<Future<Boot>> futures = new ArrayList<>();
            for (Vm vm : vms) {
                futures.add(
                        pool.submit(() -> {
                            Boot boot = boot(vm, deadline);
                            terminal.progress("booting", done.incrementAndGet(), vms.size());
                            return boot;
                        }));
            }
            List<Boot> boots = new ArrayList<>();
            for (Future<Boot> future : futures) {
                boots.add(future.get());
            }
            return boots;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a boot ended unexpectedly", e.getCause());
        }
    }

    private Boot boot(Vm vm, long deadline) throws InterruptedException {
        try {
            Waiting.untilAvailable(deadline, () -> vm.node().create(vm.name(), image, null));
            Waiting.untilAvailable(deadline, () -> vm.node().start(vm.name(), request));
            while (System.nanoTime() - deadline < 0) {
                VmView.GuestView guest =
                        Waiting.untilAvailable(deadline, () -> vm.node().vm(vm.name())).guest();
                Long millis = guest == null ? null : guest.bootMillis();
                if (guest != null && millis != null) {
                    return new Boot(
                            vm.name(),
                            vm.nodeName(),
                            millis / 1000.0,
                            true,
                            guest.markerLine(),
                            null);
                }
                if (guest != null && !guest.running()) {
                    return failed(vm, "its QEMU process ended; its console is " + guest.console());
                }
                Waiting.pause(POLL);
            }
            return failed(vm, "no marker within " + timeout.toSeconds() + " s");
        } catch (ProblemException e) {
            return failed(vm, e.getMessage());
        }
    }

    private static Boot failed(Vm vm, @Nullable String reason) {
        return new Boot(vm.name(), vm.nodeName(), null, false, null, reason);
    }
}
