/**
 * MySQL or MariaDB, as both bridges use it: bounded connections, transactions that are repeated
 * where that may help, and the lease of whoever leads. What is written where is their own.
 */
@NullMarked
package io.virtman.bridge.database;

import org.jspecify.annotations.NullMarked;
