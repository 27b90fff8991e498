/** The node service: create, destroy, list; journal and reconciliation. */
@NullMarked
package io.virtman.node;

import org.jspecify.annotations.NullMarked;
