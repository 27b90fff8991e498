/** The Boots API, for users with tokens of Keystone; the only package that knows JAX-RS. */
@NullMarked
package io.virtman.nova.api;

import org.jspecify.annotations.NullMarked;
