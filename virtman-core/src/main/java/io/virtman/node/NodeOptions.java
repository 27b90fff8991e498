package io.virtman.node;

import io.virtman.problem.Names;
import io.virtman.remote.FetchLimits;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a node service is told.
 *
 * @param name of the node, unique in its cluster
 * @param dataDirectory imported images, layers and the journal; survives reboots
 * @param heartbeat interval of reports to Volt
 * @param fetching how long to wait for servers that images are imported from
 */
public record NodeOptions(
        String name, Path dataDirectory, Duration heartbeat, FetchLimits fetching) {
    public NodeOptions {
        Names.require("--name", name);
        dataDirectory = dataDirectory.toAbsolutePath();
    }

    /** With the time-outs for a data centre. */
    public NodeOptions(String name, Path dataDirectory, Duration heartbeat) {
        this(name, dataDirectory, heartbeat, FetchLimits.standard());
    }

    Path remoteImports() {
        return dataDirectory.resolve("remote");
    }

    Path remoteRecords() {
        return dataDirectory.resolve("remote-records");
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

    Path sources() {
        return dataDirectory.resolve("sources");
    }
}
