/** The composition root of the command line: the engine's commands and those of the other parts. */
@NullMarked
package io.virtman.cli;

import org.jspecify.annotations.NullMarked;
