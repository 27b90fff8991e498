/** Command line, configuration and wiring: the only composition root. */
@NullMarked
package io.virtman.app;

import org.jspecify.annotations.NullMarked;
