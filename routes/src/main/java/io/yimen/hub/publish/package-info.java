/** The outbox: changes of the pool as CloudEvents on Kafka. */
@NullMarked
package io.yimen.hub.publish;

import org.jspecify.annotations.NullMarked;
