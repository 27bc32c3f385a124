/** Measurements that anybody can repeat. */
@NullMarked
package io.yimen.bench;

import org.jspecify.annotations.NullMarked;
