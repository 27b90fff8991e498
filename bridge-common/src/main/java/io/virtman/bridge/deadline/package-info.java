/** Until when work may go on, wherever it waits. */
@NullMarked
package io.virtman.bridge.deadline;

import org.jspecify.annotations.NullMarked;
