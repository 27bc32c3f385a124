/**
 * The community data pool: the latest claims of every source record, the entities they speak of, the golden records
 * published for those entities, and the log of every change.
 *
 * <p>What must hold: the pool is a pure function of the latest claims, the human decisions and the rules; one
 * PostgreSQL transaction holds all that a batch brings about, its offset included. What is not here: Camel, Quarkus,
 * HTTP, Kafka.
 */
@NullMarked
package io.yimen.pool;

import org.jspecify.annotations.NullMarked;
