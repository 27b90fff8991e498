/** The coordinator: image catalogue, hierarchy planner, membership, store. */
@NullMarked
package io.virtman.volt;

import org.jspecify.annotations.NullMarked;
