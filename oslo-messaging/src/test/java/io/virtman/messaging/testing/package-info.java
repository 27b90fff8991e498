/** For tests of this and of other modules: an in-memory transport, a real broker, Python peers. */
@NullMarked
package io.virtman.messaging.testing;

import org.jspecify.annotations.NullMarked;
