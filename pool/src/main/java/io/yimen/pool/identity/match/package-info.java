/**
 * The matching engine: rules as data, comparators, learned weights, the blocking index and clustering. Pure and in
 * memory; it knows nothing of claims, SQL or sources beyond their names.
 */
@NullMarked
package io.yimen.pool.identity.match;

import org.jspecify.annotations.NullMarked;
