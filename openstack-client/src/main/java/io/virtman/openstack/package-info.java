/**
 * What the bridges ask of an OpenStack: a session with the service's own account, or with a user's
 * by a trust; images, the hosts of servers, and lists for diagnosis; new servers, and what they
 * name. All is thread-safe, and every call ends within its limits.
 */
@NullMarked
package io.virtman.openstack;

import org.jspecify.annotations.NullMarked;
