/** Carries boots out: one turn after another, each of which may be the last of this process. */
@NullMarked
package io.virtman.nova.run;

import org.jspecify.annotations.NullMarked;
