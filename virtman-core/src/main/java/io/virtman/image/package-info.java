/** Images: declared formats, inspection of untrusted files, import and the hash tree. */
@NullMarked
package io.virtman.image;

import org.jspecify.annotations.NullMarked;
