package io.virtman.openstack;

/**
 * A service of Nova or Cinder, by what its database says.
 *
 * @param binary e.g. {@code nova-compute}
 * @param host e.g. {@code compute-1}, or {@code host@backend} of Cinder
 * @param zone availability zone
 * @param enabled whether new work may be given to it
 * @param up whether it has shown life lately
 */
public record ServiceState(String binary, String host, String zone, boolean enabled, boolean up) {}
