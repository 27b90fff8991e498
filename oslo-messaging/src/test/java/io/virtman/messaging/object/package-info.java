/** Tests of versioned objects, on real ones of Cinder and Nova. */
@NullMarked
package io.virtman.messaging.object;

import org.jspecify.annotations.NullMarked;
