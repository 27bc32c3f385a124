/** Readers of source systems behind one contract, {@link io.yimen.connectors.extract.Extractor}. */
@NullMarked
package io.yimen.connectors.extract;

import org.jspecify.annotations.NullMarked;
