/** Benchmarks: each measures VirtMan and its peers in the same run. */
@NullMarked
package io.virtman.bench;

import org.jspecify.annotations.NullMarked;
