/** Glance and Nova, asked through {@code openstack-client}. */
@NullMarked
package io.virtman.cinder.openstack;

import org.jspecify.annotations.NullMarked;
