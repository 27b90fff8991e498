/** What {@code virtman export} serves: an image file, or the disk of parents through a cache. */
@NullMarked
package io.virtman.app.export;

import org.jspecify.annotations.NullMarked;
