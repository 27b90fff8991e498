/**
 * Everything the bridge does in Cinder's database, and its own tables beside it; the only package
 * with SQL. The truth is Cinder's source (cinder 21.3.1, Zed): each operation names the function it
 * stands for, as {@code file:function} under {@code cinder/}.
 *
 * <p>A change is {@code database.change(lease, transaction -> ...)}: one transaction, in which as
 * many operations as needed are called; all or none of them takes effect, and none when the lease
 * has been lost. All operations can be repeated: the second time they find nothing to do.
 *
 * <p>What all of Cinder's tables have in common: rows are deleted by {@code deleted=1}; times are
 * UTC without a zone, in whole seconds (besides {@code workers.updated_at}, in microseconds);
 * columns of type DATETIME are cut to seconds here, since MariaDB cuts and MySQL rounds.
 */
@NullMarked
package io.virtman.cinder.database;

import org.jspecify.annotations.NullMarked;
