/** Until when work may go on, wherever it waits. */
@NullMarked
package io.virtman.cinder.deadline;

import org.jspecify.annotations.NullMarked;
