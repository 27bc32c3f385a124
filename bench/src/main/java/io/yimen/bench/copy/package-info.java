/** Yimen beside what one would pick instead: the same rows, tables and machine, in turn. */
@org.jspecify.annotations.NullMarked
package io.yimen.bench.copy;
