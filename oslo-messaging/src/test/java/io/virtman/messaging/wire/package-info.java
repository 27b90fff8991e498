/** Tests of the codec, on real traffic and on garbage. */
@NullMarked
package io.virtman.messaging.wire;

import org.jspecify.annotations.NullMarked;
