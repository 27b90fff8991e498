/** The engine over the REST interfaces of Volt and of nodes. */
@NullMarked
package io.virtman.cinder.node;

import org.jspecify.annotations.NullMarked;
