/** Versioned objects of OpenStack, read leniently. */
@NullMarked
package io.virtman.messaging.object;

import org.jspecify.annotations.NullMarked;
