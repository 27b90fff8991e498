/**
 * How many servers may be under way at a time: found by watching how long builds take and how many
 * fail.
 */
@NullMarked
package io.virtman.nova.pace;

import org.jspecify.annotations.NullMarked;
