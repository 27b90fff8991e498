/**
 * What the bridge is configured with: {@code virtman.conf}, and what is taken over from Cinder's
 * own file. Records that hold their defaults and check their ranges, and nothing else.
 */
@NullMarked
package io.virtman.bridge.config;

import org.jspecify.annotations.NullMarked;
