/** Errors for people: what is wrong, which field, what to do (RFC 9457). */
@NullMarked
package io.virtman.problem;

import org.jspecify.annotations.NullMarked;
