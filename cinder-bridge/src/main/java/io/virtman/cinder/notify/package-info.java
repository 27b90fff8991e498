/** Cinder's notifications, as cinder-volume sends them, without versions. */
@NullMarked
package io.virtman.cinder.notify;

import org.jspecify.annotations.NullMarked;
