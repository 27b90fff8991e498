/** The account with which a bridge asks OpenStack. */
@NullMarked
package io.virtman.bridge.keystone;

import org.jspecify.annotations.NullMarked;
