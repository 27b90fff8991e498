/** The cache group: verified chunks on local media, single flight, eviction. */
@NullMarked
package io.virtman.cache;

import org.jspecify.annotations.NullMarked;
