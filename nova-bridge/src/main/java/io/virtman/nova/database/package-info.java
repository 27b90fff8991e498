/** Boots in MySQL or MariaDB; the only package of the Nova bridge with SQL. */
@NullMarked
package io.virtman.nova.database;

import org.jspecify.annotations.NullMarked;
