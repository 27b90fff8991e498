/** The seam to OpenStack: what a boot asks of it, in its user's name. */
@NullMarked
package io.virtman.nova.cloud;

import org.jspecify.annotations.NullMarked;
