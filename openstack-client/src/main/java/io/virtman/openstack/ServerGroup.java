package io.virtman.openstack;

import java.util.List;

/**
 * Servers that are placed by a policy.
 *
 * @param id of the group
 * @param name of the group
 * @param policies one, e.g. {@code anti-affinity}
 */
public record ServerGroup(String id, String name, List<String> policies) {
    /** Keeps a copy of the policies. */
    public ServerGroup {
        policies = List.copyOf(policies);
    }
}
