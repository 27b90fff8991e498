package io.virtman.cinder.app.doctor;

import io.virtman.bridge.config.NearestName;
import io.virtman.cinder.app.doctor.Cloud.ComputeHost;
import io.virtman.cinder.app.doctor.Cloud.VolumeService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What follows from what was found out. Pure; each answers at least one finding. */
final class Decisions {
    /** Cinder's clocks differ from ours by this much in well-kept clouds at most. */
    private static final Duration SKEW_NOTED = Duration.ofSeconds(5);

    /** Half of {@code service_down_time}: the scheduler takes services for dead. */
    private static final Duration SKEW_HARMFUL = Duration.ofSeconds(30);

    /** The newest of Zed to 2026.1. */
    private static final int NEWEST_OBJECTS = 39;

    /** {@code io.virtman.problem.Names}: how long the name of a node may be. */
    private static final int LONGEST_NODE = 64;

    private static final int LOW_PERCENT = 10;
    private static final int NAMED = 5;

    /**
     * A row of Cinder's table {@code services}.
     *
     * @param rpcVersion null when it is NULL
     * @param objectVersion null when it is NULL
     */
    record ServicePins(
            String host,
            String binary,
            @Nullable String rpcVersion,
            @Nullable String objectVersion) {}

    /**
     * A node.
     *
     * @param layerTotal bytes of the file system of its layers; 0 when it does not tell
     * @param layerFree of these
     */
    record NodeView(String name, boolean alive, long layerTotal, long layerFree) {}

    private Decisions() {}

    static List<Finding> schema(List<String> differences, boolean accepted) {
        if (differences.isEmpty()) {
            return List.of(Finding.ok("schema", "Cinder's tables are as this release knows them"));
        }
        String text = "differs from what this release was tested with: " + some(differences);
        return List.of(
                accepted
                        ? Finding.warning("schema", text, "accepted by accept_schema")
                        : Finding.problem(
                                "schema",
                                text,
                                "run etc/mysql-grants.sql again, since a missing grant shows as a"
                                        + " missing column; upgrade VirtMan; or set accept_schema"));
    }

    static List<Finding> grants(Set<Rights.Right> needed, Set<Rights.Right> there) {
        List<Finding> findings = new ArrayList<>();
        List<String> missing = Rights.missing(needed, there);
        List<String> wide = Rights.tooMany(needed, there);
        if (!missing.isEmpty()) {
            findings.add(
                    Finding.problem(
                            "grants",
                            "missing: " + some(missing),
                            "run etc/mysql-grants.sql as an administrator"));
        }
        if (!wide.isEmpty()) {
            findings.add(
                    Finding.warning(
                            "grants",
                            "not needed: " + some(wide),
                            "REVOKE them, or use the account of etc/mysql-grants.sql"));
        }
        return findings.isEmpty()
                ? List.of(Finding.ok("grants", "exactly those of etc/mysql-grants.sql"))
                : findings;
    }

    /**
     * @param ahead how far the database's clock is ahead of ours
     */
    static List<Finding> clock(Duration ahead) {
        Duration skew = ahead.abs();
        String text =
                "the database's clock is %d ms %s this host's"
                        .formatted(skew.toMillis(), ahead.isNegative() ? "behind" : "ahead of");
        String remedy =
                "keep all hosts' clocks by NTP (chrony): signs of life are compared by them";
        if (skew.compareTo(SKEW_HARMFUL) > 0) {
            return List.of(Finding.problem("clock", text, remedy));
        }
        return List.of(
                skew.compareTo(SKEW_NOTED) > 0
                        ? Finding.warning("clock", text, remedy)
                        : Finding.ok("clock", text));
    }

    /**
     * @param rpcSeen whether the account may read rpc_current_version
     */
    static List<Finding> versions(List<ServicePins> services, boolean rpcSeen) {
        List<Finding> findings = new ArrayList<>();
        for (ServicePins service : services) {
            String who = service.binary() + " on " + service.host();
            String remedy =
                    "restart that service, or remove its row: cinder-manage service remove "
                            + service.binary()
                            + " "
                            + service.host();
            String object = service.objectVersion();
            String rpc = service.rpcVersion();
            if (object == null || (rpcSeen && rpc == null)) {
                findings.add(
                        Finding.problem(
                                "versions",
                                who
                                        + " has no version, with which every API and scheduler"
                                        + " refuses to work",
                                remedy));
            } else if (!object.matches("1\\.\\d{1,4}")
                    || (rpc != null && !rpc.matches("\\d{1,3}\\.\\d{1,4}"))) {
                findings.add(
                        Finding.problem(
                                "versions", who + " has a version that Cinder can't read", remedy));
            } else if (Integer.parseInt(object.substring(2)) > NEWEST_OBJECTS) {
                findings.add(
                        Finding.warning(
                                "versions",
                                who
                                        + " has objects of version "
                                        + object
                                        + ", newer than 1."
                                        + NEWEST_OBJECTS,
                                "upgrade VirtMan if requests fail"));
            }
        }
        return findings.isEmpty()
                ? List.of(
                        Finding.ok(
                                "versions",
                                services.size() + " services, all with versions that are known"))
                : findings;
    }

    static List<Finding> volumeType(List<String> namedByTypes, String ours) {
        if (namedByTypes.contains(ours)) {
            return List.of(
                    Finding.ok("volume-type", "a volume type has volume_backend_name=" + ours));
        }
        String near =
                NearestName.of(ours, namedByTypes)
                        .map(name -> " (there is one with '" + name + "')")
                        .orElse("");
        return List.of(
                Finding.problem(
                        "volume-type",
                        "no volume type has volume_backend_name=" + ours + near,
                        "openstack volume type create "
                                + ours
                                + " --property volume_backend_name="
                                + ours));
    }

    static List<Finding> nodes(List<NodeView> nodes) {
        if (nodes.isEmpty()) {
            return List.of(
                    Finding.problem(
                            "nodes", "Volt knows no node", "start 'virtman node' on each host"));
        }
        List<String> silent =
                nodes.stream().filter(node -> !node.alive()).map(NodeView::name).toList();
        return List.of(
                silent.isEmpty()
                        ? Finding.ok("nodes", nodes.size() + " nodes, all alive")
                        : Finding.warning(
                                "nodes",
                                "silent: " + some(silent),
                                "start 'virtman node' there, or forget them"));
    }

    static List<Finding> space(List<NodeView> nodes) {
        List<String> low =
                nodes.stream()
                        .filter(node -> node.alive() && node.layerTotal() > 0)
                        .filter(node -> node.layerFree() * 100 / node.layerTotal() < LOW_PERCENT)
                        .map(NodeView::name)
                        .toList();
        if (!low.isEmpty()) {
            return List.of(
                    Finding.warning(
                            "layer-space",
                            "less than " + LOW_PERCENT + " % free for layers on " + some(low),
                            "delete servers there, or give the layers a larger file system"));
        }
        boolean told = nodes.stream().anyMatch(node -> node.layerTotal() > 0);
        return List.of(
                Finding.ok(
                        "layer-space",
                        told ? "enough on all nodes that tell" : "no node tells how much it has"));
    }

    /** Compares the names of Nova's hosts, which requests carry, with those of nodes. */
    static List<Finding> hosts(List<ComputeHost> hosts, List<NodeView> nodes) {
        List<Finding> findings = new ArrayList<>();
        Set<String> hostNames = new TreeSet<>();
        Set<String> nodeNames = new TreeSet<>();
        hosts.forEach(host -> hostNames.add(host.name()));
        nodes.forEach(node -> nodeNames.add(node.name()));
        Set<String> strangers = new TreeSet<>(nodeNames);
        strangers.removeAll(hostNames);
        for (ComputeHost host : hosts) {
            if (host.name().length() > LONGEST_NODE) {
                findings.add(
                        Finding.problem(
                                "hosts",
                                "nova-compute host "
                                        + host.name()
                                        + " has a name of more than "
                                        + LONGEST_NODE
                                        + " characters, as no node can have",
                                "set a shorter [DEFAULT] host in its nova.conf"));
            } else if (!nodeNames.contains(host.name())) {
                findings.add(
                        Finding.warning(
                                "hosts",
                                "nova-compute host "
                                        + host.name()
                                        + " has no node"
                                        + (host.inUse() ? "" : " (it is not in use)"),
                                NearestName.of(host.name(), strangers)
                                        .map(node ->
                                                "start the node there with --name "
                                                        + host.name()
                                                        + ", not "
                                                        + node)
                                        .orElse(
                                                "run 'virtman node --name "
                                                        + host.name()
                                                        + "' there, or keep servers with these"
                                                        + " volumes away by an aggregate")));
            }
        }
        for (String stranger : strangers) {
            findings.add(
                    Finding.warning(
                            "hosts",
                            "node " + stranger + " is named like no host of nova-compute",
                            NearestName.of(stranger, hostNames)
                                    .map(host -> "is it " + host + "? start it with that --name")
                                    .orElse("right for a node that is only an origin")));
        }
        return findings.isEmpty()
                ? List.of(Finding.ok("hosts", "each of " + hosts.size() + " hosts has its node"))
                : findings;
    }

    /** Whether Cinder sees the bridge. */
    static List<Finding> backend(List<VolumeService> services, String ours) {
        VolumeService found =
                services.stream().filter(each -> each.host().equals(ours)).findFirst().orElse(null);
        if (found == null) {
            return List.of(
                    Finding.warning(
                            "backend",
                            "Cinder has no service " + ours,
                            "right before the first start of 'virtman cinder'; else see [cinder]"
                                    + " host and backend"));
        }
        if (!found.up()) {
            return List.of(
                    Finding.warning(
                            "backend",
                            ours + " is down for Cinder",
                            "start 'virtman cinder'; if it runs, see its log, and whether any node"
                                    + " is alive"));
        }
        return List.of(
                found.enabled()
                        ? Finding.ok("backend", ours + " is up for Cinder")
                        : Finding.warning(
                                "backend",
                                ours + " is disabled: Cinder gives it no new volumes",
                                "openstack volume service set --enable "
                                        + ours
                                        + " cinder-volume"));
    }

    private static String some(List<String> all) {
        return String.join(", ", all.subList(0, Math.min(NAMED, all.size())))
                + (all.size() > NAMED ? " and " + (all.size() - NAMED) + " more" : "");
    }
}
