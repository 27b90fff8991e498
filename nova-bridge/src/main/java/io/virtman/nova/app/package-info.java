/** The commands, and the place where all is put together. */
@NullMarked
package io.virtman.nova.app;

import org.jspecify.annotations.NullMarked;
