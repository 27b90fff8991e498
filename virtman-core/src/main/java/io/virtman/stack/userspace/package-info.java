/** The userspace stack: NBD client, cache slots, qcow2 layers, QEMU guests. */
@NullMarked
package io.virtman.stack.userspace;

import org.jspecify.annotations.NullMarked;
