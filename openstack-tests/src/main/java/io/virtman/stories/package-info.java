/**
 * What users of an OpenStack with VirtMan see, told with OpenStack's own clients on the test-bed.
 * Each story removes what it makes; the test-bed stays up.
 */
@NullMarked
package io.virtman.stories;

import org.jspecify.annotations.NullMarked;
