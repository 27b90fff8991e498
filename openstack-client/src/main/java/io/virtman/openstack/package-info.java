/**
 * What the bridges ask of an OpenStack: a session with the service's own account, images, the hosts
 * of servers, and lists for diagnosis. All is thread-safe, and every call ends within its limits.
 */
@NullMarked
package io.virtman.openstack;

import org.jspecify.annotations.NullMarked;
