/** Calls, casts and fanouts: client and server. */
@NullMarked
package io.virtman.messaging.rpc;

import org.jspecify.annotations.NullMarked;
