/** What may be on disk only in a form that helps nobody who reads the disk. */
@NullMarked
package io.virtman.nova.secret;

import org.jspecify.annotations.NullMarked;
