@NullMarked
package io.virtman.stories;

import org.jspecify.annotations.NullMarked;
