/** OpenStack through its REST interfaces, behind the seam of {@code cloud}. */
@NullMarked
package io.virtman.nova.openstack;

import org.jspecify.annotations.NullMarked;
