package io.virtman.app.quickstart;

import io.virtman.app.BootStorm;
import io.virtman.app.Terminal;
import io.virtman.app.TreeDrawing;
import io.virtman.app.Waiting;
import io.virtman.node.GuestRequest;
import io.virtman.node.NodeApi;
import io.virtman.node.NodeReport;
import io.virtman.node.VmView;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.HierarchyMember;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ImageState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Boots through the hierarchy, then directly from the origin, and takes the figures of both. */
final class QuickstartRun {
    private static final String IMAGE = "quickstart";
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration SETTLE = Duration.ofSeconds(20);

    private final Cluster cluster;
    private final GuestFiles files;
    private final int count;
    private final Duration timeout;
    private final Terminal terminal;

    QuickstartRun(
            Cluster cluster, GuestFiles files, int count, int timeoutSeconds, Terminal terminal) {
        this.cluster = cluster;
        this.files = files;
        this.count = count;
        this.timeout = Duration.ofSeconds(timeoutSeconds);
        this.terminal = terminal;
    }

    /** One storm: how each VM booted, and what it read. */
    private record Storm(
            List<QuickstartResult.Vm> vms,
            long guestReadBytes,
            long chunkReadBytes,
            String accelerator) {
        double median() {
            return sorted().isEmpty() ? 0 : sorted().get(sorted().size() / 2);
        }

        double maximum() {
            return sorted().isEmpty() ? 0 : sorted().getLast();
        }

        private List<Double> sorted() {
            return vms.stream()
                    .map(QuickstartResult.Vm::bootSeconds)
                    .filter(Objects::nonNull)
                    .sorted()
                    .toList();
        }
    }

    QuickstartResult run() throws InterruptedException {
        ImageRecord image = image();
        Map<String, NodeApi> members = cluster.members();
        boolean warm = members.values().stream().anyMatch(node -> node.report().cachedBytes() > 0);
        terminal.note(
                "booting " + count + " VMs on " + members.size() + " nodes through the hierarchy");
        List<BootStorm.Vm> vms = vms(members);
        Storm storm = boot(image, vms);
        settle();
        List<String> tree = tree(image);
        List<QuickstartResult.Node> nodes = nodes(image, members);
        long originBytesOut = cluster.origin().report().peerBytesOut();
        long sent =
                originBytesOut + nodes.stream().mapToLong(QuickstartResult.Node::bytesOut).sum();
        long received = nodes.stream().mapToLong(QuickstartResult.Node::bytesIn).sum();
        destroy(vms);

        terminal.note("booting " + count + " VMs directly from the origin, to compare");
        List<BootStorm.Vm> directVms = vms(Map.of(Cluster.ORIGIN, cluster.origin()));
        Storm direct = boot(image, directVms);
        long directBytes = cluster.origin().report().guestBytesOut();
        destroy(directVms);

        QuickstartResult result =
                new QuickstartResult(
                        image.size(),
                        String.valueOf(image.digest()),
                        storm.accelerator(),
                        warm,
                        storm.guestReadBytes(),
                        storm.chunkReadBytes(),
                        originBytesOut,
                        directBytes,
                        sent,
                        received,
                        storm.median(),
                        storm.maximum(),
                        direct.median(),
                        direct.maximum(),
                        nodes,
                        storm.vms(),
                        direct.vms(),
                        tree);
        new QuickstartReport(terminal).print(result);
        return result;
    }

    /** Imports the disk at the origin unless an earlier run left it there. */
    private ImageRecord image() throws InterruptedException {
        for (ImageRecord present : cluster.volt().images()) {
            if (present.name().equals(IMAGE) && present.state() == ImageState.SEALED) {
                return present;
            }
            cluster.volt().remove(present.id()); // of a run that was interrupted while it imported
        }
        terminal.note("importing the disk at the origin");
        ImageRecord image =
                cluster.origin()
                        .importImage(IMAGE, files.disk().toAbsolutePath().toString(), "raw");
        while (image.state() == ImageState.IMPORTING) {
            Waiting.pause(POLL);
            image = cluster.volt().image(image.id());
        }
        if (image.state() == ImageState.FAILED) {
            throw new ProblemException(
                    Kind.FAILED,
                    "quickstart",
                    "the disk was not imported: " + image.failure(),
                    "run it again");
        }
        return image;
    }

    private List<BootStorm.Vm> vms(Map<String, NodeApi> nodes) {
        List<Map.Entry<String, NodeApi>> targets = List.copyOf(nodes.entrySet());
        List<BootStorm.Vm> vms = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Map.Entry<String, NodeApi> target = targets.get(i % targets.size());
            vms.add(new BootStorm.Vm("vm-" + (i + 1), target.getKey(), target.getValue()));
        }
        return vms;
    }

    private Storm boot(ImageRecord image, List<BootStorm.Vm> vms) throws InterruptedException {
        for (BootStorm.Vm vm : vms) {
            if (vm.node().vms().stream().anyMatch(present -> present.name().equals(vm.name()))) {
                vm.node().destroy(vm.name()); // of a run that was killed
            }
        }
        GuestRequest request =
                new GuestRequest(
                        GuestKernel.GUEST_MEMORY_MEBIBYTES,
                        files.kernel().image().toAbsolutePath().toString(),
                        files.kernel().initialRamDisk().toAbsolutePath().toString(),
                        GuestKernel.COMMAND_LINE,
                        GuestReport.PREFIX);
        List<BootStorm.Boot> boots = new BootStorm(image.id(), request, timeout, terminal).run(vms);
        List<QuickstartResult.Vm> results = boots.stream().map(QuickstartRun::result).toList();
        List<VmView> views = vms.stream().map(vm -> vm.node().vm(vm.name())).toList();
        return new Storm(
                results,
                median(views.stream().map(VmView::guestReadBytes).toList()),
                median(views.stream().map(VmView::chunkReadBytes).toList()),
                views.stream()
                        .map(VmView::guest)
                        .filter(Objects::nonNull)
                        .map(VmView.GuestView::accelerator)
                        .findFirst()
                        .orElse("unknown"));
    }

    /** A guest that says something else than that its files are right has failed. */
    private static QuickstartResult.Vm result(BootStorm.Boot boot) {
        @Nullable String failure = boot.failure();
        String line = boot.markerLine();
        if (line != null) {
            try {
                GuestReport.parse(line);
            } catch (ProblemException e) {
                failure = e.getMessage();
            }
        }
        return new QuickstartResult.Vm(
                boot.name(), boot.node(), boot.bootSeconds(), failure == null, failure);
    }

    private static long median(List<Long> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static void destroy(List<BootStorm.Vm> vms) {
        vms.forEach(vm -> vm.node().destroy(vm.name()));
    }

    /** Waits until both ends of all connections have counted the same, and Volt has heard of it. */
    private void settle() throws InterruptedException {
        long deadline = System.nanoTime() + SETTLE.toNanos();
        while (System.nanoTime() - deadline < 0) {
            List<NodeReport> reports =
                    cluster.members().values().stream().map(NodeApi::report).toList();
            long received = reports.stream().mapToLong(NodeReport::peerBytesIn).sum();
            long sent =
                    reports.stream().mapToLong(NodeReport::peerBytesOut).sum()
                            + cluster.origin().report().peerBytesOut();
            long heard =
                    cluster.volt().hierarchy(IMAGE).members().stream()
                            .flatMap(member -> member.bytesInByParent().values().stream())
                            .mapToLong(Long::longValue)
                            .sum();
            if (sent == received && heard == received) {
                return;
            }
            Waiting.pause(POLL);
        }
    }

    private List<String> tree(ImageRecord image) {
        return TreeDrawing.lines(cluster.volt().hierarchy(image.id()));
    }

    private List<QuickstartResult.Node> nodes(ImageRecord image, Map<String, NodeApi> members) {
        Map<String, HierarchyMember> hierarchy = new TreeMap<>();
        cluster.volt()
                .hierarchy(image.id())
                .members()
                .forEach(member -> hierarchy.put(member.node(), member));
        List<QuickstartResult.Node> nodes = new ArrayList<>();
        members.forEach((name, node) -> {
            NodeReport report = node.report();
            var attached =
                    report.images().stream()
                            .filter(one -> one.image().equals(image.id()))
                            .findFirst();
            HierarchyMember member = hierarchy.get(name);
            nodes.add(
                    new QuickstartResult.Node(
                            name,
                            member == null ? 0 : member.level(),
                            attached.map(one -> List.copyOf(one.parents().keySet()))
                                    .orElse(List.of()),
                            report.peerBytesIn(),
                            report.peerBytesOut(),
                            attached.map(NodeReport.ImageReport::bytesInByParent)
                                    .orElse(Map.of())));
        });
        return nodes;
    }
}
