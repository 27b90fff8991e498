package io.virtman.node;

import io.virtman.problem.Names;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a node service is told.
 *
 * @param name of the node, unique in its cluster
 * @param dataDirectory imported images, layers and the journal; survives reboots
 * @param heartbeat interval of reports to Volt
 */
public record NodeOptions(String name, Path dataDirectory, Duration heartbeat) {
    public NodeOptions {
        Names.require("--name", name);
        dataDirectory = dataDirectory.toAbsolutePath();
    }

    Path vms() {
        return dataDirectory.resolve("vms");
    }

    Path guests() {
        return dataDirectory.resolve("guests");
    }

    Path attachments() {
        return dataDirectory.resolve("attachments");
    }

    Path snapshots() {
        return dataDirectory.resolve("snapshots");
    }

    Path copies() {
        return dataDirectory.resolve("copies");
    }

    Path sources() {
        return dataDirectory.resolve("sources");
    }
}
