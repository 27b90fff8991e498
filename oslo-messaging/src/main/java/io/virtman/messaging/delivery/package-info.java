/** What everything that receives needs: bounded work, and logging that a sender cannot flood. */
@NullMarked
package io.virtman.messaging.delivery;

import org.jspecify.annotations.NullMarked;
