/** The bridge's commands. The only package that knows the command line; nothing imports it. */
@NullMarked
package io.virtman.cinder.app;

import org.jspecify.annotations.NullMarked;
