/** Image files on an HTTP server that are used while they are still being fetched. */
@NullMarked
package io.virtman.remote;

import org.jspecify.annotations.NullMarked;
