/**
 * Booting many servers by one request: what is asked for, what is known of it, and what is to be
 * done next. Pure: no clock, no thread, no network.
 */
@NullMarked
package io.virtman.nova.boot;

import org.jspecify.annotations.NullMarked;
