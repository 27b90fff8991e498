package io.virtman.cinder.cloud;

/**
 * Where an instance is.
 *
 * @param host the name of its nova-compute
 * @param projectId whose instance it is
 */
public record InstancePlace(String host, String projectId) {}
