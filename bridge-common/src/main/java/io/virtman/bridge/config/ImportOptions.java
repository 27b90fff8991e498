package io.virtman.bridge.config;

import java.util.List;

/**
 * The part of {@code [cinder]} about images: how those of Glance come to origins.
 *
 * @param policy {@code import_policy}
 * @param rate {@code import_rate}: bytes a second of the import in the background of one image; 0
 *     for no limit
 * @param nodes {@code import_nodes}: names of the nodes that may be origins; empty for any
 */
public record ImportOptions(Policy policy, long rate, List<String> nodes) {
    /** When a volume of an image that no origin has yet is available. */
    public enum Policy {
        /** At once: what is read is fetched from Glance, the rest in the background. */
        LAZY,
        /** When the whole image has been imported. */
        BEFORE_AVAILABLE
    }

    /** Copies what it is given. */
    public ImportOptions {
        nodes = List.copyOf(nodes);
        if (rate < 0) {
            throw new IllegalArgumentException("a rate is not negative");
        }
    }
}
