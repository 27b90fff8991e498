/** Parents in the hierarchy: selection, health, failover. */
@NullMarked
package io.virtman.peer;

import org.jspecify.annotations.NullMarked;
