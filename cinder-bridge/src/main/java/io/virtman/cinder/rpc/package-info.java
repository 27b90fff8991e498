/** Cinder's volume RPC, version 3.x: what comes by AMQP becomes a flow, and its end a reply. */
@NullMarked
package io.virtman.cinder.rpc;

import org.jspecify.annotations.NullMarked;
