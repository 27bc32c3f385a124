/** Entity types, their fields and identifiers: versioned data read from {@code model.yaml}. */
@NullMarked
package io.yimen.pool.model;

import org.jspecify.annotations.NullMarked;
