/**
 * One HTTP call: its limits, its errors, what it repeats. Also OpenStack4j's connector, which makes
 * its calls in the same way.
 */
@NullMarked
package io.virtman.openstack.http;

import org.jspecify.annotations.NullMarked;
