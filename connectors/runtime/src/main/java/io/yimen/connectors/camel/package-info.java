/** The Camel component {@code yimen:}, which hands batches to a route and acknowledges when the route has ended well. */
@NullMarked
package io.yimen.connectors.camel;

import org.jspecify.annotations.NullMarked;
