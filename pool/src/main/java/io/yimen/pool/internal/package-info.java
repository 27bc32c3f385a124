/**
 * How the pool is kept in PostgreSQL: one class a group of tables, and the application of a batch. Nothing here is for
 * other modules.
 */
@NullMarked
package io.yimen.pool.internal;

import org.jspecify.annotations.NullMarked;
