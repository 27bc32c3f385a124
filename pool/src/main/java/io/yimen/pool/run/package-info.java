/** Balanced runs and quarantine. */
@NullMarked
package io.yimen.pool.run;

import org.jspecify.annotations.NullMarked;
