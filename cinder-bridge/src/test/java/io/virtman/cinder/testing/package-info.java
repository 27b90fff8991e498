/** What tests of the bridge have in common: its outside world, in memory. */
@NullMarked
package io.virtman.cinder.testing;

import org.jspecify.annotations.NullMarked;
