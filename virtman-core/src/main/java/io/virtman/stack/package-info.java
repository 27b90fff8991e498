/** The seam between the node service and the way a host realises attach, cache and layers. */
@NullMarked
package io.virtman.stack;

import org.jspecify.annotations.NullMarked;
