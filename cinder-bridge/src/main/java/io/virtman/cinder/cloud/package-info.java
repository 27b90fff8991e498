/** What the bridge needs of OpenStack's other services: a seam, so that flows know no REST. */
@NullMarked
package io.virtman.cinder.cloud;

import org.jspecify.annotations.NullMarked;
