/** One process of several does the work, and the others wait for its end. */
@NullMarked
package io.virtman.bridge.leader;

import org.jspecify.annotations.NullMarked;
