/** The seam of the engine: what can be read, and the names of what is read. Uses only the JDK. */
@NullMarked
package io.virtman.block;

import org.jspecify.annotations.NullMarked;
