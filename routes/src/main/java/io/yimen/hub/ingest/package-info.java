/** Camel routes that carry batches from the connectors into the pool. */
@NullMarked
package io.yimen.hub.ingest;

import org.jspecify.annotations.NullMarked;
