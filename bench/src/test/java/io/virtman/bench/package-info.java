@NullMarked
package io.virtman.bench;

import org.jspecify.annotations.NullMarked;
