/** How fast one record is read over HTTP, beside the plainest read of one row that PostgreSQL has a benchmark for. */
@org.jspecify.annotations.NullMarked
package io.yimen.bench.get;
