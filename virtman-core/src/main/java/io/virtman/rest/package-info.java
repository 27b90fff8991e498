/** REST resources and clients; the only package that knows Jersey. */
@NullMarked
package io.virtman.rest;

import org.jspecify.annotations.NullMarked;
