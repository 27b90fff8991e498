/** What the bridge needs of VirtMan's nodes and of Volt: a seam, so that flows know no REST. */
@NullMarked
package io.virtman.cinder.engine;

import org.jspecify.annotations.NullMarked;
