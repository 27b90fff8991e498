/** For tests and benchmarks: real programs on private ports, and waiting for conditions. */
@NullMarked
package io.virtman.testkit;

import org.jspecify.annotations.NullMarked;
