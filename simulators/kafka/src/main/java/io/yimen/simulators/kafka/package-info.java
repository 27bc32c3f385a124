/** What runs inside the broker's own process. */
@NullMarked
package io.yimen.simulators.kafka;

import org.jspecify.annotations.NullMarked;
