/**
 * External programs: one runner, one thin class per program. The only package that starts
 * processes.
 */
@NullMarked
package io.virtman.command;

import org.jspecify.annotations.NullMarked;
