/** Network Block Device protocol: server and client. The only package with data sockets. */
@NullMarked
package io.virtman.nbd;

import org.jspecify.annotations.NullMarked;
