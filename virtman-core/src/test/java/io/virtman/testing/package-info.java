/** Fakes and helpers for tests. */
@NullMarked
package io.virtman.testing;

import org.jspecify.annotations.NullMarked;
