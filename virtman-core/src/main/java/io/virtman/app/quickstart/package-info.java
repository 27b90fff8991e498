/** The command {@code virtman quickstart}: what it needs to boot real guests on one machine. */
@NullMarked
package io.virtman.app.quickstart;

import org.jspecify.annotations.NullMarked;
