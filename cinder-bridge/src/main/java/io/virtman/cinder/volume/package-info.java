/**
 * What Cinder's volume manager does, done with VirtMan: one class per request. Flows take plain
 * values, decide, call the engine, and end in one transaction; they know neither AMQP nor REST.
 *
 * <p>One rule for all: a request that came by cast ends with its resource in a final state and the
 * request marked as done, in the same transaction, or with neither, when the database is away; then
 * it is done again later. So all of them can be repeated at any point.
 */
@NullMarked
package io.virtman.cinder.volume;

import org.jspecify.annotations.NullMarked;
